// WebSocket messages: put together from fragments, control frames taken out from between them. It
// knows no sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "04_handshake/frame.hpp"
#include "common/utf8.hpp"

namespace websocket {

/// What a close frame says. No code stands for a close frame without a payload: RFC 6455, 7.1.5.
struct Close {
    std::optional<std::uint16_t> code;
    std::string reason;
};

/// `close` in words, on one line without control characters: "1001, the server ends"; "no code".
std::string words_of(const Close& close);

/// Whether an endpoint may send `code` in a close frame: those defined for it in RFC 6455, section
/// 7.4, and the IANA registry (1012 to 1014), and all from 3000 to 4999.
bool may_be_sent(std::uint16_t code);

/// The payload of a close frame: `code` in network byte order, then `reason`, cut so that it fits.
/// Source: RFC 6455, section 5.5.1.
std::string close_payload(std::uint16_t code, std::string_view reason);

/// The same read back: what `payload` says. Fewer than 2 bytes hold no code.
Close close_of(std::string_view payload);

/// Parses messages from a stream of frames that arrives in pieces of any size. Text is checked as
/// it comes: the first byte that cannot be UTF-8 ends the connection. Keeps what has arrived of one
/// message, never more than `max_message` bytes, and takes no memory for bytes that are only
/// announced. Source: RFC 6455, sections 5.4 to 5.6, 7.4 and 8.1.
class MessageParser {
 public:
    /// The frame that is whole now, frame(), was …
    enum class Result {
        fragment,   // … a part of a message, which goes on
        message,    // … the last of message()
        ping,       // … a ping, to be answered with a pong with the same payload()
        pong,       // … a pong
        close,      // … a close frame: close() says why; nothing after it is to be read
        need_more,  // there is none: all of the input was taken
        bad,        // there is none: error() says why the connection has to fail
    };

    /// Parses frames that come from a peer of that role. `max_message`: the most bytes that a
    /// message may have, all fragments together.
    MessageParser(Role peer, std::size_t max_message)
        : header_parser_(peer), max_message_(max_message) {}

    /// Takes bytes from the front of `input`, at most to the end of a frame.
    Result parse(std::string_view& input);

    /// The header of the frame, and its payload, unmasked. Good until the next parse().
    [[nodiscard]] const FrameHeader& frame() const { return header_parser_.header(); }
    [[nodiscard]] std::string_view payload() const;
    /// The bytes of the header, also of a bad one.
    [[nodiscard]] std::string header_bytes() const { return header_parser_.bytes(); }
    /// After Result::message. Good until the next parse().
    [[nodiscard]] std::string_view message() const { return message_; }
    [[nodiscard]] bool is_text() const { return opcode_ == Opcode::text; }
    /// After Result::close.
    [[nodiscard]] const Close& close() const { return close_; }
    /// After Result::bad: 1002, 1007 or 1009.
    [[nodiscard]] const Failure& error() const { return error_; }

 private:
    [[nodiscard]] bool refuse(std::uint16_t code, const std::string& text);
    bool begin_frame();
    bool take_payload(std::string_view& input);
    Result end_frame();
    bool check_close(std::size_t begin);
    bool take_close();

    FrameHeaderParser header_parser_;
    std::size_t max_message_;
    Failure error_;
    bool in_payload_ = false;
    std::uint64_t missing_ = 0;  // bytes of the frame's payload

    Opcode opcode_ = Opcode::text;  // of the message
    bool unfinished_ = false;       // a fragment has come, and the last one not yet
    std::string message_;
    std::size_t frame_begin_ = 0;  // where in message_ the frame's payload begins
    lab::Utf8Validator text_;
    std::string control_;  // the payload of a control frame
    Close close_;
    lab::Utf8Validator reason_;  // of the close frame; there is but one
};

}  // namespace websocket
