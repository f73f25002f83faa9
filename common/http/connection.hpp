// The server's side of one HTTP/1.1 connection: requests come out one after the other, responses go
// in, in the same order. It knows no sockets and no clock: bytes that arrived go in, bytes to be
// sent come out.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/body.hpp"
#include "common/http/head.hpp"
#include "common/http/response.hpp"
#include "common/http/target.hpp"
#include "common/log.hpp"

namespace http {

/// A request that has come whole. A plain value.
struct Request {
    Head head;
    Target target;
    std::string body;
};

/// The body of a response that goes on and on: where its next bytes are. It belongs to its
/// connection, and is destroyed with it, or earlier when the connection has no more use for it.
class Stream {
 public:
    virtual ~Stream() = default;
    /// The bytes to be sent next; empty if there are none for now. Good until something is called
    /// that changes what the stream is made of.
    [[nodiscard]] virtual std::string_view outgoing() const = 0;
    /// The first `count` bytes of outgoing() have been sent.
    virtual void sent(std::size_t count) = 0;
    /// Whether nothing will follow outgoing().
    [[nodiscard]] virtual bool ended() const = 0;
};

class Connection;

/// The connections that have got something to send, or have to be ended, since their server looked
/// last. They enter it by themselves. One thread.
class Outbox {
 public:
    /// Takes out the connection that has been in it longest; null if it is empty.
    Connection* next();

 private:
    friend class Connection;
    std::deque<Connection*> connections_;
};

/// One connection. The response to each request may come at once or much later; the next request is
/// not looked at before. One thread at a time, the one that the `outbox` belongs to.
class Connection {
 public:
    enum class State {
        idle,       // between two requests: nothing of the next one has come
        receiving,  // the beginning of a request has come
        owing,      // a request has come whole: the response is the application's to give
        streaming,  // the response is a Stream
        finished,   // outgoing() is the last that we send, and nothing more is read
        aborted,    // nothing more is sent either: the connection is to be closed at once
    };
    /// In bytes.
    struct Limits {
        HeadParser::Limits head{.lone_lf = false};
        std::size_t body = 64 * 1024;
    };

    /// With the client at `peer`. `outbox` must outlive it.
    Connection(std::string peer, lab::Trace trace, Outbox& outbox);
    Connection(std::string peer, lab::Trace trace, Outbox& outbox, Limits limits);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Takes what has arrived, and keeps what is not yet to be looked at.
    void receive(std::string_view bytes);
    /// Whether there is room for more: if not, what the client sends has to wait in the kernel.
    [[nodiscard]] bool wants_more() const;

    /// The next request, if it is whole, the one before has been answered, and the client takes its
    /// answers. A request that breaks a rule of HTTP is refused here.
    std::optional<Request> next_request();

    /// Answers the request that is owed a response.
    void respond(const Response& response);
    void respond(const Refusal& refusal) { respond(refusal_response(refusal)); }
    /// Answers with the head of `response` and a body that many may share, and that must not
    /// change.
    void respond(const Response& response, std::shared_ptr<const std::string> body);
    /// Answers with the head of `response` and a body that ends with the connection. HEAD gets the
    /// head alone.
    void respond(const Response& response, std::unique_ptr<Stream> body);
    /// The stream has got something to send, or has ended.
    void stream_changed();

    /// The time of the client is over: answers with 408 if a request has begun and is not whole, or
    /// if none ever came; between two requests ends in silence.
    void time_out();
    /// Answers with 503: the server has no room. To be called before anything was received.
    void refuse_for_room();
    /// The connection leaves HTTP: takes out what has arrived behind the last request, which gets
    /// no response. The connection is good for nothing after that. Source: RFC 9110, section 7.8.
    std::string take_unread();
    /// The server ends: nothing more is read; what is still being sent is sent to its end.
    void finish();
    /// The connection is to be closed at once, for the reason that the log gets.
    void abort(const std::string& why);

    [[nodiscard]] State state() const { return state_; }
    /// Whether the request that is owed a response came as HEAD.
    [[nodiscard]] bool answers_head() const { return to_head_; }
    /// How many requests have come whole.
    [[nodiscard]] std::size_t requests() const { return requests_; }
    /// The client's "address:port".
    [[nodiscard]] const std::string& peer() const { return peer_; }

    /// The bytes that are to be sent: some of its own, then those of a shared body or a stream.
    [[nodiscard]] std::array<std::string_view, 2> outgoing() const;
    [[nodiscard]] bool has_outgoing() const;
    /// The first `count` bytes of outgoing() have been sent.
    void sent(std::size_t count);

 private:
    friend class Outbox;

    /// The request that is coming.
    struct Coming {
        explicit Coming(const Limits& limits) : head(HeadParser::Kind::request, limits.head) {}
        HeadParser head;
        std::optional<BodyDecoder> body;  // once the head is whole
        Request request;
    };

    bool parse();
    bool take_head(std::string_view& bytes);
    bool begin_body();
    bool take_body(std::string_view& bytes);
    bool refuse(const Refusal& refusal);
    void send_head(const Response& response, std::optional<std::size_t> length);
    void answered();
    void settle_stream();
    void announce();

    const std::string peer_;
    const lab::Trace trace_;
    Outbox& outbox_;
    const Limits limits_;
    State state_ = State::idle;
    bool announced_ = false;    // stands in the outbox
    bool to_head_ = false;      // the request that is owed a response is HEAD
    bool last_ = false;         // the connection ends with that response
    std::size_t requests_ = 0;  // that have come whole
    std::string incoming_;      // and not yet looked at
    std::unique_ptr<Coming> coming_;
    std::string outgoing_;
    std::shared_ptr<const std::string> body_;
    std::size_t body_sent_ = 0;
    std::unique_ptr<Stream> stream_;
};

}  // namespace http
