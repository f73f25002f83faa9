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

bool is_printable(std::string_view character) {
    const auto code = static_cast<std::uint8_t>(character[0]);
    // U+0080 to U+009F, which C2 begins, are control characters too.
    const bool control = code < 0x20 || code == 0x7F ||
                         (code == 0xC2 && static_cast<std::uint8_t>(character.back()) < 0xA0);
    return utf8_character(character) > 0 && !control;
}

std::string escape(std::string_view bytes) {
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
        if (character == "\n") {
            text += "\\n";
        } else if (character == "\r") {
            text += "\\r";
        } else if (character == "\\") {
            text += "\\\\";
        } else {
            text += is_printable(character) ? std::string(character) : escape(character);
        }
    }
    return text + "\"";
}

std::string without_controls(std::string_view bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::string_view character = front(bytes.substr(at));
        at += character.size();
        // A byte that is no UTF-8 here may be half of a character that another read cut in two.
        const bool harmless = character == "\n" || character == "\t" || is_printable(character) ||
                              utf8_character(character) == 0;
        text += harmless ? std::string(character) : escape(character);
    }
    return text;
}

}  // namespace lab
