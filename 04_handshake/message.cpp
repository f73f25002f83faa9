#include "04_handshake/message.hpp"

#include <algorithm>

#include "common/visible.hpp"

namespace websocket {
namespace {

// Memory for messages up to this size is kept for the next one.
constexpr std::size_t kKeptCapacity = 64 * 1024;

}  // namespace

std::string words_of(const Close& close) {
    std::string words = close.code ? std::to_string(*close.code) : "no code";
    if (close.reason.empty()) return words;
    // A line end in it must not begin a new line of a log.
    const std::string quoted = lab::visible(close.reason, close.reason.size());
    return words += ", " + quoted.substr(1, quoted.size() - 2);
}

bool may_be_sent(std::uint16_t code) {
    // 1005, 1006 and 1015 stand for what no close frame said; 1004 has no meaning yet.
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    std::size_t length = std::min<std::size_t>(reason.size(), 123);
    // Not in the middle of a character: its second and later bytes are 10xxxxxx.
    while (length < reason.size() && (reason[length] & 0xC0) == 0x80) --length;
    return payload.append(reason.substr(0, length));
}

Close close_of(std::string_view payload) {
    if (payload.size() < 2) return {};
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(payload[i]); };
    return {.code = static_cast<std::uint16_t>(byte(0) << 8 | byte(1)),
            .reason = std::string(payload.substr(2))};
}

MessageParser::Result MessageParser::parse(std::string_view& input) {
    if (!in_payload_) {
        // The owner has seen the last message: a silent peer must not cost memory.
        if (!unfinished_ && message_.capacity() > kKeptCapacity) {
            message_.clear();
            message_.shrink_to_fit();
        }
        switch (header_parser_.parse(input)) {
            case FrameHeaderParser::Result::need_more:
                return Result::need_more;
            case FrameHeaderParser::Result::bad:
                error_ = header_parser_.error();
                return Result::bad;
            case FrameHeaderParser::Result::header:
                break;
        }
        if (!begin_frame()) return Result::bad;
    }
    if (!take_payload(input)) return Result::bad;
    return missing_ > 0 ? Result::need_more : end_frame();
}

std::string_view MessageParser::payload() const {
    return is_control(frame().opcode) ? std::string_view(control_)
                                      : std::string_view(message_).substr(frame_begin_);
}

bool MessageParser::refuse(std::uint16_t code, const std::string& text) {
    error_ = {code, text};
    return false;
}

// Looks at what the header alone cannot show: what came before it.
bool MessageParser::begin_frame() {
    in_payload_ = true;
    missing_ = frame().length;
    if (is_control(frame().opcode)) {
        control_.clear();
        return true;
    }
    if (frame().opcode == Opcode::continuation) {
        if (!unfinished_) return refuse(1002, "a continuation frame continues nothing");
    } else {
        if (unfinished_) return refuse(1002, "a message begins before the last one has ended");
        opcode_ = frame().opcode;
        text_ = lab::Utf8Validator();
        message_.clear();
    }
    unfinished_ = !frame().fin;
    frame_begin_ = message_.size();
    if (missing_ > max_message_ - message_.size())
        return refuse(1009, "a message is longer than " + std::to_string(max_message_) + " bytes");
    return true;
}

bool MessageParser::take_payload(std::string_view& input) {
    const bool control = is_control(frame().opcode);
    std::string& payload = control ? control_ : message_;
    const std::size_t begin = payload.size();
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, input.size()));
    payload += input.substr(0, count);
    if (frame().masking_key) {
        mask(payload.data() + begin, count, *frame().masking_key, frame().length - missing_);
    }
    input.remove_prefix(count);
    missing_ -= count;
    if (!control && is_text() && !text_.take(std::string_view(payload).substr(begin)))
        return refuse(1007, "a text is not UTF-8");
    return frame().opcode != Opcode::close || check_close(begin);
}

// Looks at the bytes of a close frame from `begin` on, which have just come.
bool MessageParser::check_close(std::size_t begin) {
    if (begin < 2 && control_.size() >= 2) {
        close_.code = close_of(control_).code;
        if (!may_be_sent(*close_.code)) {
            return refuse(1002, "close code " + std::to_string(*close_.code) +
                                    " must not be sent in a close frame");
        }
    }
    const std::size_t code = std::min<std::size_t>(2, control_.size());
    if (!reason_.take(std::string_view(control_).substr(std::max(begin, code))))
        return refuse(1007, "the reason of a close frame is not UTF-8");
    return true;
}

MessageParser::Result MessageParser::end_frame() {
    in_payload_ = false;
    switch (frame().opcode) {
        case Opcode::ping:
            return Result::ping;
        case Opcode::pong:
            return Result::pong;
        case Opcode::close:
            return take_close() ? Result::close : Result::bad;
        default:
            break;
    }
    if (!frame().fin) return Result::fragment;
    if (is_text() && !text_.complete()) {
        error_ = {1007, "a text ends in the middle of a character"};
        return Result::bad;
    }
    return Result::message;
}

bool MessageParser::take_close() {
    if (control_.size() == 1) return refuse(1002, "a close frame has half a code");
    if (!reason_.complete())
        return refuse(1007, "the reason of a close frame ends in the middle of a character");
    close_ = close_of(control_);
    return true;
}

}  // namespace websocket
