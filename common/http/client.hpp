// The client's side of HTTP/1.1: one connection that is kept for many requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/http/body.hpp"
#include "common/http/head.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

namespace http {

/// Reads responses, one after the other, from a stream that arrives in pieces of any size. A body
/// that is compressed is bad: head() can still be told. It knows no sockets. One thread at a time.
class ResponseReader {
 public:
    enum class Result {
        head,       // head() is whole; what follows is its body
        content,    // body() has got more
        end,        // the response is whole; the next call begins the next one
        need_more,  // all of the input was taken
        bad,        // fault() says why: the stream cannot be read on
    };

    /// `max_body`: the most bytes of content that a response may have.
    explicit ResponseReader(std::size_t max_body) : max_body_(max_body) {}

    /// Takes bytes from the front of `input`. Interim responses (1xx) are passed over.
    Result read(std::string_view& input);
    /// The connection has ended. Returns end if that is how the response ends, bad if something is
    /// missing, need_more if there was no response under way.
    Result finish();

    /// The head of the response; good from Result::head until the next one begins.
    [[nodiscard]] const Head& head() const { return parser_.head(); }
    /// The content so far, which the caller may take out as it comes.
    [[nodiscard]] std::string& body() { return body_; }
    [[nodiscard]] const std::string& fault() const { return fault_; }
    /// Whether what comes next belongs to a body, its framing included, and not to a head.
    [[nodiscard]] bool in_body() const { return decoder_.has_value() && !whole_; }

 private:
    Result take_head(std::string_view& input);
    Result take_body(std::string_view& input);
    Result fail(const std::string& fault);

    std::size_t max_body_;
    HeadParser parser_{HeadParser::Kind::response};
    std::optional<BodyDecoder> decoder_;  // once the head is whole
    bool whole_ = false;  // the response has ended: the next call begins the next response
    std::string body_;
    std::string fault_;
};

/// What went over a connection, in bytes and in calls. A plain value.
struct Traffic {
    std::uint64_t head = 0;   // bytes of heads
    std::uint64_t body = 0;   // bytes of bodies, with the framing of chunks
    std::uint64_t calls = 0;  // send(2) or recv(2) that moved anything
};

/// One connection to a server, to be polled by its owner. Requests may be sent before the responses
/// to earlier ones have come; responses come in the same order. One thread.
class ClientConnection {
 public:
    /// Connects to the server of `url`. `max_body`: see ResponseReader. Throws std::system_error if
    /// it cannot; waits as long as connect(2) does.
    ClientConnection(const lab::Url& url, std::size_t max_body, lab::Trace trace);

    /// Puts a request for `target` with `body` among what is to be sent. With a `content_type` it
    /// has a body, also an empty one.
    void request(const std::string& method, const std::string& target,
                 const std::vector<Field>& fields = {}, const std::string& content_type = "",
                 std::string_view body = "");

    /// The socket to poll(2), and the events to wait for on it.
    [[nodiscard]] int socket() const { return socket_.number(); }
    [[nodiscard]] short events() const;
    /// Sends what the socket takes, and receives what is there, without waiting. Throws
    /// std::system_error if the connection is broken, in a program that ignores SIGPIPE.
    void transfer();

    /// Reads on in what has arrived. After need_more call transfer() when poll says so; if ended()
    /// by then, the server has ended the connection. bad: fault() says why, or the server ended the
    /// connection within a response.
    ResponseReader::Result read();
    [[nodiscard]] const Head& head() const { return reader_.head(); }
    [[nodiscard]] std::string& body() { return reader_.body(); }
    [[nodiscard]] const std::string& fault() const { return reader_.fault(); }
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
    ResponseReader reader_;
    std::string outgoing_;
    std::string arrived_;
    bool ended_ = false;
    Traffic sent_, received_;
};

}  // namespace http
