#include "common/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace lab {
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

bool is_utf8(std::string_view bytes) {
    Utf8Validator validator;
    return validator.take(bytes) && validator.complete();
}

std::size_t utf8_beginning(std::string_view bytes) {
    Utf8Validator validator;
    std::size_t size = 0;
    while (size < bytes.size() && validator.take(bytes.substr(size, 1))) {
        ++size;
        if (validator.complete()) break;
    }
    return size;
}

std::size_t utf8_character(std::string_view bytes) {
    const std::size_t size = utf8_beginning(bytes);
    return is_utf8(bytes.substr(0, size)) ? size : 0;
}

std::size_t whole_characters(std::string_view bytes) {
    // A character has at most 4 bytes: its beginning is among the last 3, if its end is missing.
    for (std::size_t tail = 1; tail <= std::min<std::size_t>(3, bytes.size()); ++tail) {
        const auto byte = static_cast<std::uint8_t>(bytes[bytes.size() - tail]);
        if (byte < 0x80) break;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0;
        if (length > 0) return length > tail ? bytes.size() - tail : bytes.size();
    }
    return bytes.size();
}

char32_t code_point(std::string_view character) {
    const auto first = static_cast<std::uint8_t>(character[0]);
    // The first byte of 2, 3 or 4 has 5, 4 or 3 bits of the number, each further one has 6.
    char32_t code = character.size() == 1 ? first : first & (0xFFU >> (character.size() + 1));
    for (const char byte : character.substr(1)) code = code << 6 | (byte & 0x3F);
    return code;
}

}  // namespace lab
