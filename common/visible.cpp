#include "common/visible.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace lab {
namespace {

// The character at the front of `bytes`, or its first byte if that begins none.
std::string_view front(std::string_view bytes) {
    return bytes.substr(0, std::max<std::size_t>(1, utf8_character(bytes)));
}

// Whether `character` shows itself and does nothing else: no control character, no other line end
// (U+2028, U+2029), none that turns the direction of what stands around it.
bool is_printable(std::string_view character) {
    if (utf8_character(character) == 0) return false;
    const char32_t code = code_point(character);
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    return !control && code != 0x2028 && code != 0x2029 && !is_bidi_control(code);
}

std::string escape(std::string_view bytes) {
    if (bytes == "\n") return "\\n";
    if (bytes == "\r") return "\\r";
    std::string text;
    for (const char byte : bytes) {
        std::array<char, 5> escaped{};
        std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<std::uint8_t>(byte));
        text += escaped.data();
    }
    return text;
}

}  // namespace

std::size_t utf8_character(std::string_view bytes) {
    if (bytes.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    // The second byte alone tells overlong forms, surrogates and what lies beyond U+10FFFF.
    const bool out_of_range =
        (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
        (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F);
    return out_of_range ? 0 : length;
}

char32_t code_point(std::string_view character) {
    const auto first = static_cast<std::uint8_t>(character[0]);
    // The first byte of 2, 3 or 4 has 5, 4 or 3 bits of the number, each further one has 6.
    char32_t code = character.size() == 1 ? first : first & (0xFFU >> (character.size() + 1));
    for (const char byte : character.substr(1)) code = code << 6 | (byte & 0x3F);
    return code;
}

bool is_bidi_control(char32_t code) {
    return code == 0x061C || code == 0x200E || code == 0x200F ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t size = utf8_character(bytes);
        if (size == 0) return false;
        bytes.remove_prefix(size);
    }
    return true;
}

std::string visible(std::string_view bytes, std::size_t limit) {
    std::string text = "\"";
    for (std::size_t at = 0; at < bytes.size();) {
        const std::string_view character = front(bytes.substr(at));
        if (at + character.size() > limit) return text + "…";
        at += character.size();
        if (character == "\\") {
            text += "\\\\";
        } else {
            text += is_printable(character) ? std::string(character) : escape(character);
        }
    }
    return text + "\"";
}

std::string without_controls(std::string_view lines) {
    std::string text;
    while (!lines.empty()) {
        const std::string_view character = front(lines);
        lines.remove_prefix(character.size());
        const bool harmless = character == "\n" || character == "\t" || is_printable(character);
        text += harmless ? std::string(character) : escape(character);
    }
    return text;
}

std::string one_line(std::string_view text, bool terminal) {
    std::string line = terminal ? without_controls(text) : std::string(text);
    for (std::size_t at = 0; (at = line.find_first_of("\r\n", at)) != std::string::npos; at += 2)
        line.replace(at, 1, escape(line.substr(at, 1)));
    return line;
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

}  // namespace lab
