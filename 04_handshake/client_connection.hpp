// The socket of a ClientSession, for a caller who waits with poll(2).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "04_handshake/client_session.hpp"
#include "common/file_descriptor.hpp"
#include "common/log.hpp"

namespace websocket {

/// An open WebSocket, whose socket never blocks.
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

    /// Queues a message, as ClientSession does.
    void send(Opcode opcode, std::string_view payload) { session_->send(opcode, payload); }
    /// Queues a close frame, as ClientSession does.
    void close(std::uint16_t code, std::string_view reason) { session_->close(code, reason); }
    /// Whether something is queued.
    [[nodiscard]] bool has_outgoing() const { return !session_->outgoing().empty(); }
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
    [[nodiscard]] const std::optional<Close>& server_close() const {
        return session_->server_close();
    }

 private:
    void shake_hands();
    std::string receive_reason(std::chrono::steady_clock::time_point deadline);

    const lab::Trace trace_;
    lab::FileDescriptor socket_;
    std::string peer_;
    std::optional<ClientSession> session_;
};

}  // namespace websocket
