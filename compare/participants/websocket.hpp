// WebSocket on a bare socket, with the handshake and the frames of 04_handshake: it sees each byte.
#pragma once

#include <stdexcept>

#include "04_handshake/handshake.hpp"
#include "04_handshake/message.hpp"
#include "common/http/head.hpp"
#include "compare/participants/stream.hpp"

namespace compare {

/// A client of 05_ws_chat, or of the echo of 04_handshake.
class WebSocketParticipant final : public StreamParticipant {
 public:
    WebSocketParticipant(const Transport& transport, const ParticipantOptions& options)
        : StreamParticipant(options.port), named_(!transport.is_echo()) {
        WebSocketParticipant::come_back();
    }

    void come_back() override {
        head_ = http::HeadParser(http::HeadParser::Kind::response);
        parser_ = Parser(websocket::Role::server, kMaxMessage);
        open();
        key_ = websocket::new_key();
        const std::string target = named_ ? std::string("/ws?name=").append(kName) : "/";
        const std::string request =
            websocket::handshake_request("127.0.0.1:" + port_, target, key_);
        counts_.sent.headers += request.size();
        ++counts_.requests;
        send(request);
    }

    // The server puts the name before it.
    void say(std::string_view text) override {
        counts_.sent.text += text.size();
        send_frame(websocket::Opcode::text, text);
    }

 private:
    using Parser = websocket::MessageParser;

    void send_frame(websocket::Opcode opcode, std::string_view payload) {
        std::string frame;
        websocket::append_frame(frame, websocket::Role::client, opcode, payload);
        send(frame);
    }

    void receive(std::string_view bytes) override {
        if (!in_) take_head(bytes);
        while (in_) {
            const Parser::Result what = parser_.parse(bytes);
            if (what == Parser::Result::need_more) return;
            take_frame(what);
        }
    }

    void take_head(std::string_view& bytes) {
        const std::size_t before = bytes.size();
        const auto result = head_.parse(bytes);
        counts_.received.headers += before - bytes.size();
        if (result == http::HeadParser::Result::need_more) return;
        if (result == http::HeadParser::Result::bad) throw std::runtime_error(head_.error().text);
        if (const auto fault = websocket::check_response(head_.head(), key_))
            throw std::runtime_error("handshake: " + fault->text);
        ++counts_.received.messages;
        in_ = true;
    }

    void take_frame(Parser::Result what) {
        ++counts_.received.messages;
        if (what == Parser::Result::bad) throw std::runtime_error(parser_.error().text);
        if (what == Parser::Result::close)
            throw std::runtime_error("the server closes: " + websocket::words_of(parser_.close()));
        if (what == Parser::Result::ping) send_frame(websocket::Opcode::pong, parser_.payload());
        if (what != Parser::Result::message) return;
        hear(named_ ? without_name(parser_.message()) : std::string(parser_.message()));
    }

    const bool named_;
    std::string key_;
    http::HeadParser head_{http::HeadParser::Kind::response};
    Parser parser_{websocket::Role::server, kMaxMessage};
};

}  // namespace compare
