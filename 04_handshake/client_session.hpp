// The client's side of one WebSocket, from the request to the close. It knows no sockets: bytes
// that arrived go in, bytes to be sent come out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "04_handshake/message.hpp"
#include "common/http/head.hpp"
#include "common/log.hpp"

namespace websocket {

/// A message that has arrived.
struct Message {
    bool text = true;  // or else binary
    std::string payload;
};

/// Asks a server for a WebSocket; then sends and receives messages. Pings and the server's close
/// are answered by itself.
class ClientSession {
 public:
    /// With the server at `peer`, "address:port". The request for `target` of `host` is in
    /// outgoing() at once. A message from the server of more than `max_message` bytes ends the
    /// connection.
    ClientSession(std::string peer, std::string_view host, std::string_view target,
                  std::size_t max_message, lab::Trace trace);

    /// Takes what has arrived.
    void receive(std::string_view bytes);

    /// Whether the server has answered the request. Other answers may come before: 100 (Continue),
    /// 103 (Early Hints). Source: RFC 9110, section 15.2.
    [[nodiscard]] bool answered() const { return answered_; }
    /// The answer. Its status is 0 if what came is no head of a response.
    [[nodiscard]] const http::Head& answer() const { return response_.head(); }
    /// Why the answer opens no WebSocket, as a sentence; empty if it does.
    [[nodiscard]] const std::string& error() const { return error_; }
    /// The bytes that have arrived behind an answer that opens no WebSocket.
    [[nodiscard]] const std::string& rest() const { return arrived_; }

    /// Queues a message, masked with a fresh key; text has to be UTF-8.
    void send(Opcode opcode, std::string_view payload);
    /// Queues a close frame: nothing else may be sent after it. Does nothing the second time.
    void close(std::uint16_t code, std::string_view reason);

    /// The next message of those that have arrived, if there is one. Throws std::runtime_error if
    /// the server did what RFC 6455 forbids: a close frame that tells it so is in outgoing() then.
    std::optional<Message> next();
    /// The server's close frame, once next() has seen one.
    [[nodiscard]] const std::optional<Close>& server_close() const { return server_close_; }

    /// The bytes that are to be sent.
    [[nodiscard]] std::string_view outgoing() const { return outgoing_; }
    /// The first `count` bytes of outgoing() have been sent.
    void sent(std::size_t count) { outgoing_.erase(0, count); }

 private:
    void receive_answer();
    void take_frame(MessageParser::Result what);
    void send_frame(Opcode opcode, std::string_view payload);

    const std::string peer_;
    const lab::Trace trace_;
    const std::string key_;
    http::HeadParser response_{http::HeadParser::Kind::response};
    bool answered_ = false;
    std::string error_;
    MessageParser parser_;
    std::string outgoing_;
    std::string arrived_;
    std::size_t parsed_ = 0;  // how much of arrived_
    bool closing_ = false;    // our close frame is queued, or sent
    std::optional<Close> server_close_;
};

}  // namespace websocket
