// The client's side of one WebSocket, from the connection to the close, for a caller who waits with
// poll(2).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "04_handshake/message.hpp"
#include "common/file_descriptor.hpp"
#include "common/http/head.hpp"
#include "common/log.hpp"

namespace websocket {

/// A message that has arrived.
struct Message {
    bool text = true;  // or else binary
    std::string payload;
};

/// An open WebSocket, whose socket never blocks. It answers pings and the server's close by itself.
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
    /// The server's close frame, once next() has seen one.
    [[nodiscard]] const std::optional<Close>& server_close() const { return server_close_; }

 private:
    using Deadline = std::chrono::steady_clock::time_point;

    void shake_hands(const std::string& key);
    bool receive_answer(http::HeadParser& answer, Deadline deadline);
    std::string receive_reason(Deadline deadline);
    void take_frame(MessageParser::Result what);
    [[noreturn]] void fail(const Failure& failure);

    const lab::Trace trace_;
    lab::FileDescriptor socket_;
    std::string peer_;
    MessageParser parser_;
    std::string outgoing_;
    std::string arrived_;
    std::size_t parsed_ = 0;  // how much of arrived_
    bool closing_ = false;    // our close frame is queued, or sent
    std::optional<Close> server_close_;
};

}  // namespace websocket
