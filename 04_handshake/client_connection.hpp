// The client's side of one connection: the handshake, then messages both ways.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "04_handshake/message.hpp"
#include "common/file_descriptor.hpp"
#include "common/http/head.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

namespace websocket {

/// A message that has arrived. A plain value.
struct Message {
    bool text = true;  // or else binary
    std::string payload;
};

/// An open WebSocket, whose socket never blocks: for a caller who waits with poll(2). Pings and the
/// server's close are answered by itself. One thread.
class ClientConnection {
 public:
    /// Connects, and opens the WebSocket of `url` within ten seconds. A message from the server of
    /// more than `max_message` bytes ends the connection. Throws std::system_error if it cannot
    /// connect, std::runtime_error if the handshake fails.
    ClientConnection(const std::string& url, std::size_t max_message, lab::Trace trace);

    /// The socket to wait for: for POLLIN, and for POLLOUT while has_outgoing(). Its number is good
    /// as long as this lives.
    [[nodiscard]] int socket() const { return socket_.number(); }
    /// The server's "address:port".
    [[nodiscard]] const std::string& peer() const { return peer_; }

    /// Queues a message, masked with a fresh key; text has to be UTF-8.
    void send(Opcode opcode, std::string_view payload);
    /// Queues a close frame: nothing else may be sent after it. Does nothing the second time.
    void close(std::uint16_t code, std::string_view reason);
    /// Whether something is queued.
    [[nodiscard]] bool has_outgoing() const { return !outgoing_.empty(); }
    /// Sends what is queued, as far as the socket takes it. Throws std::system_error if the
    /// connection broke.
    void send_some();

    /// Receives what has arrived, if anything, for next(). Returns false at the end of the stream.
    /// Throws std::system_error if the connection broke.
    bool receive_some();
    /// The next message of those that have arrived, if there is one: ask after receive_some(), and
    /// once before it, since messages may have come with the end of the handshake. Throws
    /// std::runtime_error if the server did what RFC 6455 forbids, after having told it so in a
    /// close frame.
    std::optional<Message> next();
    /// What the server's close frame said, once next() has seen one.
    [[nodiscard]] const std::optional<Close>& server_close() const { return server_close_; }

 private:
    void shake_hands(const lab::Url& url);
    http::Head receive_head(std::chrono::steady_clock::time_point deadline);
    std::string receive_reason(std::chrono::steady_clock::time_point deadline);
    void take_frame(MessageDecoder::Result what);
    [[noreturn]] void fail(const Failure& failure);
    void send_frame(Opcode opcode, std::string_view payload);

    const lab::Trace trace_;
    lab::FileDescriptor socket_;
    std::string peer_;
    MessageDecoder decoder_;
    std::string outgoing_;
    std::string arrived_;
    std::size_t decoded_ = 0;  // how much of arrived_
    bool closing_ = false;     // our close frame is queued, or sent
    std::optional<Close> server_close_;
};

}  // namespace websocket
