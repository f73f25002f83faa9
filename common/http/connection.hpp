// The server's side of one HTTP/1.1 connection: requests come out one after the other, responses go
// in, in the same order. It knows no sockets and no clock: bytes that arrived go in, bytes to be
// sent come out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/message.hpp"
#include "common/http/response.hpp"
#include "common/http/target.hpp"
#include "common/log.hpp"

namespace http {

/// A request that has come whole.
struct Request {
    Head head;
    Target target;
    std::string body;
};

/// The most bytes of a request.
struct RequestLimits {
    HeadParser::Limits head{.lone_lf = false};
    std::size_t body = 64 * 1024;
};

/// The body of a response that goes on and on: where its next bytes are. Its connection owns it,
/// and destroys it as soon as it has no more use for it.
class Stream {
 public:
    virtual ~Stream() = default;
    /// The bytes to be sent next; empty if there are none for now. Good until the source of the
    /// stream changes.
    [[nodiscard]] virtual std::string_view outgoing() const = 0;
    /// The first `count` bytes of outgoing() have been sent.
    virtual void sent(std::size_t count) = 0;
    /// Whether nothing will follow outgoing().
    [[nodiscard]] virtual bool ended() const = 0;
};

/// One connection. The response to each request may come at once or much later; until then the
/// next request stays unread. The table in connection.cpp says how each event changes its state. It
/// throws std::logic_error if its owner does something that the state does not allow, as
/// a second response to one request.
class Connection {
 public:
    using Limits = RequestLimits;
    enum class State {
        receiving,  // a request has begun, or is the first: it has to become whole
        idle,       // one request or more have been answered: nothing of the next one has come
        owing,      // a request is whole: the application owes the response
        streaming,  // the response is a Stream
        finished,   // outgoing() is the last that we send, and nothing more is read
        closed,     // all is sent, and we have ended our side of TCP
        aborted,    // nothing more is sent either: the owner closes the connection at once
    };

    /// With the client at `peer`. `announce` is called when there is something to send, or the
    /// state changes to finished or aborted; it must not call the connection.
    Connection(std::string peer, lab::Trace trace, std::function<void()> announce,
               Limits limits = {});
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Takes bytes that have arrived, and keeps those that it cannot read yet. A request that
    /// breaks a rule of HTTP is refused here, or in next_request().
    void receive(std::string_view bytes);
    /// Whether there is room for more: if not, the rest has to wait in the kernel.
    [[nodiscard]] bool wants_more() const;

    /// The next request, if it is whole, and the client has taken the answers to those before.
    std::optional<Request> next_request();

    /// Answers the request that is owed a response. HEAD gets the head alone.
    void respond(const Response& response);
    void respond(const Refusal& refusal) { respond(refusal_response(refusal)); }
    /// Answers with what many others get too: it is kept until it is sent, and not copied.
    void respond(const SharedResponse& response);
    /// Answers with the head of `response` and a body that ends with the connection.
    void respond(const Response& response, std::unique_ptr<Stream> body);
    /// The stream has got something to send, or has ended.
    void stream_changed();

    /// The client's time is over. While a request has to come, answers with 408; between two
    /// requests ends in silence.
    void time_out();
    /// Answers with 503: the server has no room. Only before anything was received.
    void refuse_for_room();
    /// The connection leaves HTTP: takes out the bytes behind the last request, which gets no
    /// response. Nothing else may be called after that. Source: RFC 9110, section 7.8.
    std::string take_unread();
    /// Nothing more is read. Everything that was begun is sent to its end, then the connection
    /// ends.
    void finish();
    /// The owner has ended our side of TCP, because all is sent.
    void close();
    /// The owner has to close the connection at once, for the reason that the log gets.
    void abort(const std::string& why);

    [[nodiscard]] State state() const { return state_; }
    /// A number that grows with each change of the state and with bytes that are sent.
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    /// Whether the request that is owed a response came as HEAD.
    [[nodiscard]] bool answers_head() const { return to_head_; }
    /// The client's "address:port".
    [[nodiscard]] const std::string& peer() const { return peer_; }

    /// The bytes to be sent: some of its own, then those of a shared body or a stream.
    [[nodiscard]] std::array<std::string_view, 2> outgoing() const;
    [[nodiscard]] bool has_outgoing() const;
    /// The first `count` bytes of outgoing() have been sent.
    void sent(std::size_t count);

 private:
    enum class Event;  // connection.cpp says which there are, and what they change

    /// The request that is coming.
    struct Coming {
        explicit Coming(const Limits& limits)
            : parser(MessageParser::Kind::request, limits.body, limits.head) {}
        MessageParser parser;
        Target target;       // once the head is whole
        bool whole = false;  // next_request() hands it out
    };

    // Whether the next bytes belong to a request that may be read now.
    [[nodiscard]] bool reads() const { return state_ == State::idle || state_ == State::receiving; }
    void change(Event event);
    [[nodiscard]] bool may_parse() const;
    bool parse(std::string_view& rest);
    bool take_head();
    void tell_to_go_on();
    bool refuse(const Refusal& refusal);
    void send_lines(std::string_view bytes);
    void send_head(const Response& response, std::optional<std::size_t> length);
    void answered();
    void settle_stream();

    const std::string peer_;
    const lab::Trace trace_;
    const std::function<void()> announce_;
    const Limits limits_;
    State state_ = State::receiving;
    bool keep_alive_ = true;  // once false, the connection ends with the next response
    bool to_head_ = false;    // the request that is owed a response is HEAD
    std::uint64_t steps_ = 0;
    std::string incoming_;  // not yet read
    std::unique_ptr<Coming> coming_;
    std::string outgoing_;
    std::shared_ptr<const std::string> shared_;  // the response after outgoing_, until it is sent
    std::size_t shared_sent_ = 0;
    std::unique_ptr<Stream> stream_;
};

}  // namespace http
