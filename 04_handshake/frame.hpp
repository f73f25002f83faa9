// One WebSocket frame: its header, in both directions, and the masking of its payload. It knows no
// sockets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace websocket {

/// The kinds of frames. Source: RFC 6455, section 5.2.
enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

/// Whether it is about the connection (close, ping, pong), and not a part of a message.
constexpr bool is_control(Opcode opcode) {
    return opcode >= Opcode::close;
}

/// Which end of the connection: a client masks what it sends, a server does not.
enum class Role { client, server };

/// Four random bytes, which a client combines with what it sends by XOR.
using MaskingKey = std::array<std::uint8_t, 4>;

/// A fresh key that nobody can guess: the attack that masking stops needs to know it. Throws
/// std::system_error. Source: RFC 6455, sections 5.3 and 10.3; getentropy(3).
MaskingKey new_masking_key();

/// All of a frame but its payload.
struct FrameHeader {
    bool fin = true;  // the last, or only, frame of its message
    Opcode opcode = Opcode::text;
    std::optional<MaskingKey> masking_key;
    std::uint64_t length = 0;  // of the payload, in bytes
};

/// Why the connection has to fail: the close code for the peer, and a sentence for people.
struct Failure {
    std::uint16_t code = 0;
    std::string text;
};

/// Parses frame headers from a stream that arrives in pieces of any size, and checks all that a
/// header alone shows: reserved bits and opcodes, the rules for control frames, masking by the
/// peer's role, lengths in their shortest form. Source: RFC 6455, sections 5.1 to 5.5.
class FrameHeaderParser {
 public:
    enum class Result {
        header,     // header() is whole: the payload comes next in the input
        need_more,  // all of the input was taken
        bad,        // error() says why: the stream cannot be read on
    };

    /// Parses frames that come from a peer of that role.
    explicit FrameHeaderParser(Role peer) : peer_(peer) {}

    /// Takes bytes from the front of `input`, at most to the end of the header.
    Result parse(std::string_view& input);

    [[nodiscard]] const FrameHeader& header() const { return header_; }
    [[nodiscard]] const Failure& error() const { return error_; }
    /// The bytes of the header, as far as they have come: of a bad one, up to the one that shows
    /// it.
    [[nodiscard]] std::string bytes() const { return {bytes_.begin(), bytes_.begin() + count_}; }

 private:
    [[nodiscard]] bool refuse(const std::string& text);
    bool check_first_byte();
    bool check_second_byte();
    bool take_length_and_key();

    Role peer_;
    FrameHeader header_;
    Failure error_;
    std::array<std::uint8_t, 14> bytes_{};  // 14: the longest header there is
    std::size_t count_ = 0;                 // how many of bytes_ have come
    std::size_t size_ = 2;                  // how many there will be, as far as is known
};

/// XORs each of `size` bytes at `bytes`, which lie `offset` bytes after the first one of the
/// payload, with its byte of `key`: masks, and unmasks. Source: RFC 6455, section 5.3.
void mask(char* bytes, std::size_t size, const MaskingKey& key, std::uint64_t offset = 0);

/// The 2 to 14 bytes of `header`. Source: RFC 6455, section 5.2.
std::string encode(const FrameHeader& header);

/// Appends a whole frame to `out`: `payload` as a message of its own, or as a control frame; masked
/// with a fresh key if a client sends it.
void append_frame(std::string& out, Role sender, Opcode opcode, std::string_view payload);

}  // namespace websocket
