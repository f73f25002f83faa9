// The client's side of HTTP/1.1: a connection that is kept for many requests, and a client that
// makes one request at a time on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/http/message.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

namespace http {

/// The bytes and the calls of one direction of a connection.
struct Traffic {
    std::uint64_t head = 0;   // bytes of heads
    std::uint64_t body = 0;   // bytes of bodies, with the framing of chunks
    std::uint64_t calls = 0;  // send(2) or recv(2) that moved anything
};

/// One connection to a server, polled by its owner. Requests may be sent before the responses to
/// earlier ones have come; responses come in the same order.
class ClientConnection {
 public:
    using Result = MessageParser::Result;

    /// Connects to the server of `url`. `max_body`: see MessageParser. Throws std::system_error if
    /// it cannot; waits as long as lab::connect_to() does.
    ClientConnection(const lab::Url& url, std::size_t max_body, lab::Trace trace);

    /// Adds a request for `target` with `body` to the bytes that are to be sent. With a
    /// `content_type` it has a body, also an empty one.
    void request(const std::string& method, const std::string& target,
                 const std::vector<Field>& fields = {}, const std::string& content_type = "",
                 std::string_view body = "");

    /// The socket to poll(2), and the events to wait for on it.
    [[nodiscard]] int socket() const { return socket_.number(); }
    [[nodiscard]] short events() const;
    /// Sends what the socket takes, and receives what is there, without waiting. Throws
    /// std::system_error if the connection is broken, in a program that ignores SIGPIPE.
    void transfer();

    /// Reads on in the bytes that have arrived. After need_more call transfer() when poll says so;
    /// if ended() by then, the server has ended the connection. bad: error() says why, or the
    /// server ended the connection within a response.
    Result read();
    [[nodiscard]] const Head& head() const { return parser_.head(); }
    [[nodiscard]] std::string& body() { return parser_.body(); }
    [[nodiscard]] const std::string& error() const { return parser_.error().text; }
    /// Whether the server has ended the connection, and all that arrived before has been read.
    [[nodiscard]] bool ended() const { return ended_ && arrived_.empty(); }

    /// The bytes that request() has sent and read() has taken since the connection began.
    [[nodiscard]] const Traffic& sent() const { return sent_; }
    [[nodiscard]] const Traffic& received() const { return received_; }

 private:
    const std::string authority_;
    const lab::Trace trace_;
    const lab::FileDescriptor socket_;
    const std::string peer_;
    MessageParser parser_;
    std::string outgoing_;
    std::string arrived_;
    bool ended_ = false;
    Traffic sent_, received_;
};

/// Whether a refusal with `status` can pass, so that the same request may do better later: 408,
/// 429, 500, 502, 503 and 504, for which curl tries again with --retry. Source: RFC 9110, section
/// 15; RFC 6585, section 4; curl(1).
bool can_pass(int status);

/// Whether `status` says that the server has done nothing with the request, so that even a request
/// that must not be done twice can be sent again: 408, 429 and 503. Source: RFC 9110, sections
/// 15.5.9 and 15.6.4; RFC 6585, section 4.
bool did_nothing(int status);

/// The wait that `value`, of a field Retry-After, asks for; 0 if it is no number of seconds: a date
/// is not read, because the clock of this machine may be wrong. Source: RFC 9110, section 10.2.3.
std::chrono::milliseconds retry_after(std::string_view value);

/// The same for the field in `response`; 0 if there is none.
std::chrono::milliseconds retry_after(const Head& response);

/// A server's answer to one request.
struct Reply {
    int status = 0;
    std::string body;
    std::chrono::milliseconds retry_after{0};  // the wait that a refusal asks for; 0: none
};

/// Makes requests, one at a time, on a connection that it keeps. It connects when there is none, or
/// when the server has ended the last one since the last reply.
class Client {
 public:
    using Clock = std::chrono::steady_clock;
    enum class Result {
        nothing,  // there is no reply yet, or no request
        replied,  // reply() is the reply
        lost,     // there will be no reply: error() says why
    };

    /// `max_body`: the most bytes of content that a reply may have.
    Client(lab::Url url, std::size_t max_body, lab::Trace trace)
        : url_(std::move(url)), max_body_(max_body), trace_(trace) {}

    /// Sends a request, as ClientConnection::request() does, whose reply may take `limit`. Throws
    /// std::system_error if it cannot connect. Not while busy().
    void request(const std::string& method, const std::string& target,
                 std::chrono::milliseconds limit, const std::vector<Field>& fields = {},
                 const std::string& content_type = "", std::string_view body = "");
    /// Whether a reply is still to come; until when, if one is.
    [[nodiscard]] bool busy() const { return deadline_.has_value(); }
    [[nodiscard]] std::optional<Clock::time_point> deadline() const { return deadline_; }

    /// The socket to poll(2), -1 if there is none, and the events to wait for on it.
    [[nodiscard]] int socket() const { return connection_ ? connection_->socket() : -1; }
    [[nodiscard]] short events() const { return connection_ ? connection_->events() : short{0}; }
    /// Sends and receives without waiting, if poll has found the socket `ready`, and looks at the
    /// clock.
    Result proceed(bool ready);

    [[nodiscard]] const Reply& reply() const { return reply_; }
    [[nodiscard]] const std::string& error() const { return error_; }

 private:
    Result receive();
    Result lose(std::string why);

    const lab::Url url_;
    const std::size_t max_body_;
    const lab::Trace trace_;
    std::optional<ClientConnection> connection_;
    std::optional<Clock::time_point> deadline_;  // of the reply that is to come
    Reply reply_;
    std::string error_;
};

}  // namespace http
