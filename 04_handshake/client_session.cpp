#include "04_handshake/client_session.hpp"

#include <stdexcept>
#include <utility>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/handshake.hpp"

namespace websocket {

ClientSession::ClientSession(std::string peer, std::string_view host, std::string_view target,
                             std::size_t max_message, lab::Trace trace)
    : peer_(std::move(peer)),
      trace_(trace),
      key_(new_key()),
      parser_(Role::server, max_message),
      outgoing_(handshake_request(host, target, key_)) {
    trace_.sent_lines(peer_, outgoing_);
}

void ClientSession::receive(std::string_view bytes) {
    arrived_ += bytes;
    while (!answered_ && !arrived_.empty()) receive_answer();
}

void ClientSession::receive_answer() {
    std::string_view bytes = arrived_;
    const auto result = response_.parse(bytes);
    const std::size_t taken = arrived_.size() - bytes.size();
    if (taken > 0) trace_.received_lines(peer_, arrived_.substr(0, taken));
    arrived_.erase(0, taken);
    if (result == http::HeadParser::Result::bad) {
        answered_ = true;
        error_ = response_.error().text;
    } else if (result == http::HeadParser::Result::head) {
        const int status = response_.head().status;
        answered_ = status == 101 || status >= 200;
        if (answered_)
            if (const auto fault = check_response(response_.head(), key_)) error_ = fault->text;
        if (!answered_) response_ = http::HeadParser(http::HeadParser::Kind::response);
    }
}

void ClientSession::send(Opcode opcode, std::string_view payload) {
    if (!closing_) send_frame(opcode, payload);
}

void ClientSession::close(std::uint16_t code, std::string_view reason) {
    send(Opcode::close, close_payload(code, reason));
    closing_ = true;
}

void ClientSession::send_frame(Opcode opcode, std::string_view payload) {
    const std::size_t begin = outgoing_.size();
    append_frame(outgoing_, Role::client, opcode, payload);
    if (!trace_.on()) return;
    // The frame is read back from the masked bytes: they tell the key.
    FrameHeaderParser header(Role::client);
    std::string_view bytes = std::string_view(outgoing_).substr(begin);
    header.parse(bytes);
    lab::log("→ " + peer_ + "  " + name_of(opcode) + " frame" +
             table(fields_of(header.header(), payload)));
}

std::optional<Message> ClientSession::next() {
    std::string_view bytes = std::string_view(arrived_).substr(parsed_);
    std::optional<Message> message;
    // Nothing after the server's close frame is read as data.
    while (!message && !server_close_) {
        const auto what = parser_.parse(bytes);
        if (what == MessageParser::Result::need_more) break;
        if (what == MessageParser::Result::bad) {
            const Failure& failure = parser_.error();
            close(failure.code, failure.text);
            throw std::runtime_error(peer_ + ": " + std::to_string(failure.code) + ", " +
                                     failure.text);
        }
        if (trace_.on()) {
            lab::log("← " + peer_ + "  " + name_of(parser_.frame().opcode) + " frame" +
                     table(fields_of(parser_.frame(), parser_.payload())));
        }
        take_frame(what);
        if (what == MessageParser::Result::message)
            message = {parser_.is_text(), std::string(parser_.message())};
    }
    parsed_ = arrived_.size() - bytes.size();
    if (bytes.empty()) {
        arrived_.clear();
        parsed_ = 0;
    }
    return message;
}

void ClientSession::take_frame(MessageParser::Result what) {
    if (what == MessageParser::Result::ping) send(Opcode::pong, parser_.payload());
    if (what != MessageParser::Result::close) return;
    server_close_ = parser_.close();
    // The same code goes back, or none.
    const auto code = server_close_->code;
    send(Opcode::close, code ? close_payload(*code, "") : "");
    closing_ = true;
}

}  // namespace websocket
