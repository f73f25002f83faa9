#include "common/visible.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "common/utf8.hpp"

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

bool is_bidi_control(char32_t code) {
    return code == 0x061C || code == 0x200E || code == 0x200F ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
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

}  // namespace lab
