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
      decoder_(Role::server, max_message),
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
        fault_ = response_.refusal().text;
    } else if (result == http::HeadParser::Result::head) {
        const int status = response_.head().status;
        answered_ = status == 101 || status >= 200;
        if (answered_) fault_ = fault_of_response(response_.head(), key_);
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
    FrameHeaderDecoder header(Role::client);
    std::string_view bytes = std::string_view(outgoing_).substr(begin);
    header.decode(bytes);
    lab::log("→ " + peer_ + "  " + name_of(opcode) + " frame" +
             table(fields_of(header.header(), payload)));
}

std::optional<Message> ClientSession::next() {
    std::string_view bytes = std::string_view(arrived_).substr(decoded_);
    std::optional<Message> message;
    // Nothing after the server's close frame is read as data.
    while (!message && !server_close_) {
        const auto what = decoder_.decode(bytes);
        if (what == MessageDecoder::Result::need_more) break;
        if (what == MessageDecoder::Result::bad) {
            const Failure& failure = decoder_.failure();
            close(failure.code, failure.text);
            throw std::runtime_error(peer_ + ": " + std::to_string(failure.code) + ", " +
                                     failure.text);
        }
        if (trace_.on()) {
            lab::log("← " + peer_ + "  " + name_of(decoder_.frame().opcode) + " frame" +
                     table(fields_of(decoder_.frame(), decoder_.payload())));
        }
        take_frame(what);
        if (what == MessageDecoder::Result::message)
            message = {decoder_.is_text(), std::string(decoder_.message())};
    }
    decoded_ = arrived_.size() - bytes.size();
    if (bytes.empty()) {
        arrived_.clear();
        decoded_ = 0;
    }
    return message;
}

void ClientSession::take_frame(MessageDecoder::Result what) {
    if (what == MessageDecoder::Result::ping) send(Opcode::pong, decoder_.payload());
    if (what != MessageDecoder::Result::close) return;
    server_close_ = decoder_.close();
    // The same code goes back, or none.
    const auto code = server_close_->code;
    send(Opcode::close, code ? close_payload(*code, "") : "");
    closing_ = true;
}

}  // namespace websocket
