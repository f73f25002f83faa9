// WebSocket on a raw socket, with 04_handshake's handshake and frames: each byte is seen.
#include <stdexcept>

#include "04_handshake/handshake.hpp"
#include "04_handshake/message.hpp"
#include "compare/participants.hpp"
#include "compare/stream.hpp"

namespace compare {
namespace {

constexpr std::size_t kLongestMessage = 1024 * 1024;

using websocket::MessageParser;
using websocket::Opcode;
using websocket::Role;

/// One thread.
class WebSocketParticipant final : public Participant {
 public:
    WebSocketParticipant(bool names, std::string port) : names_(names), port_(std::move(port)) {
        come_back();
    }

    // The server puts the name before it.
    void say(std::string_view text) override {
        counts_.sent.text += text.size();
        send(Opcode::text, text, text.size());
    }
    [[nodiscard]] bool settled() const override { return !stream_ || !stream_->has_unsent(); }
    [[nodiscard]] bool in() const override { return open_; }

    [[nodiscard]] std::array<pollfd, 2> watched() const override {
        return {stream_ ? stream_->watched() : pollfd{-1, 0, 0}, pollfd{-1, 0, 0}};
    }
    void proceed(bool ready, bool) override {
        if (!ready || !stream_) return;
        const std::string bytes = stream_->transfer();
        std::string_view rest = bytes;
        if (!open_) take_head(rest);
        if (open_) take_frames(rest);
        if (stream_->ended()) throw std::runtime_error("the server has ended the connection");
    }

    void leave() override {
        counts_ += stream_->calls();
        stream_.reset();
        open_ = false;
    }
    void come_back() override;

    [[nodiscard]] Counts counts() const override {
        Counts all = counts_;
        if (stream_) all += stream_->calls();
        return all;
    }

 private:
    void take_head(std::string_view& rest);
    void take_frames(std::string_view& rest);
    void take_frame(MessageParser::Result what);
    void send(Opcode opcode, std::string_view payload, std::size_t text_size);

    const bool names_;
    const std::string port_;
    std::optional<Stream> stream_;
    std::string key_;
    http::HeadParser head_{http::HeadParser::Kind::response};
    MessageParser parser_{Role::server, kLongestMessage};
    bool open_ = false;
    Counts counts_;
};

void WebSocketParticipant::come_back() {
    head_ = http::HeadParser(http::HeadParser::Kind::response);
    parser_ = MessageParser(Role::server, kLongestMessage);
    stream_.emplace(port_);
    ++counts_.connections;
    key_ = websocket::new_key();
    std::string host = "127.0.0.1:";
    host += port_;
    const std::string target = names_ ? std::string("/ws?name=").append(kName) : "/";
    const std::string request = websocket::handshake_request(host, target, key_);
    counts_.sent.heads += request.size();
    ++counts_.sent.messages;
    ++counts_.requests;
    stream_->send(request);
}

void WebSocketParticipant::take_head(std::string_view& rest) {
    const std::size_t before = rest.size();
    const auto result = head_.parse(rest);
    counts_.received.heads += before - rest.size();
    if (result == http::HeadParser::Result::need_more) return;
    if (result == http::HeadParser::Result::bad) throw std::runtime_error(head_.error().text);
    if (const auto fault = websocket::check_response(head_.head(), key_))
        throw std::runtime_error("handshake: " + fault->text);
    ++counts_.received.messages;
    open_ = true;
}

void WebSocketParticipant::take_frames(std::string_view& rest) {
    for (;;) {
        const auto what = parser_.parse(rest);
        if (what == MessageParser::Result::need_more) return;
        if (what == MessageParser::Result::bad) throw std::runtime_error(parser_.error().text);
        take_frame(what);
    }
}

void WebSocketParticipant::take_frame(MessageParser::Result what) {
    // All but the text, which is told from it below.
    counts_.received.framing += parser_.header_bytes().size() + parser_.frame().length;
    ++counts_.received.messages;
    if (what == MessageParser::Result::close)
        throw std::runtime_error("the server closes: " + websocket::words_of(parser_.close()));
    if (what == MessageParser::Result::ping) send(Opcode::pong, parser_.payload(), 0);
    if (what != MessageParser::Result::message) return;
    std::string text = names_ ? without_name(parser_.message()) : std::string(parser_.message());
    counts_.received.text += text.size();
    counts_.received.framing -= text.size();
    hear(std::move(text));
}

void WebSocketParticipant::send(Opcode opcode, std::string_view payload, std::size_t text_size) {
    std::string frame;
    websocket::append_frame(frame, Role::client, opcode, payload);
    counts_.sent.framing += frame.size() - text_size;
    ++counts_.sent.messages;
    stream_->send(frame);
}

}  // namespace

std::unique_ptr<Participant> join_websocket(const Transport& transport, const Seat& seat) {
    return std::make_unique<WebSocketParticipant>(transport.names, seat.port);
}

}  // namespace compare
