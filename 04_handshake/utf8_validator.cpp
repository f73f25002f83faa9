#include "04_handshake/utf8_validator.hpp"

#include <cstring>

namespace websocket {
namespace {

// How many bytes at the front of `bytes` are surely ASCII: looks at eight at once.
std::size_t ascii_prefix(std::string_view bytes) {
    std::size_t at = 0;
    for (std::uint64_t word = 0; at + sizeof word <= bytes.size(); at += sizeof word) {
        std::memcpy(&word, bytes.data() + at, sizeof word);
        if (word & 0x8080808080808080U) break;
    }
    return at;
}

}  // namespace

bool Utf8Validator::take(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (missing_ == 0) at += ascii_prefix(bytes.substr(at));
        if (at == bytes.size()) break;
        const auto byte = static_cast<std::uint8_t>(bytes[at]);
        if (missing_ == 0) {
            if (!begin_character(byte)) return false;
            continue;
        }
        if (byte < lowest_ || byte > highest_) return false;
        lowest_ = 0x80;
        highest_ = 0xBF;
        --missing_;
    }
    return true;
}

// The first byte tells how many follow, and the range of the second: some would write in more bytes
// than needed, give a half of a surrogate pair, or go beyond U+10FFFF.
bool Utf8Validator::begin_character(std::uint8_t byte) {
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    if (byte == 0xE0) lowest_ = 0xA0;
    if (byte == 0xED) highest_ = 0x9F;
    if (byte == 0xF0) lowest_ = 0x90;
    if (byte == 0xF4) highest_ = 0x8F;
    return true;
}

}  // namespace websocket
