#include "common/json.hpp"

#include <cstddef>

namespace lab {
namespace {

// U+2028 and U+2029, LINE SEPARATOR and PARAGRAPH SEPARATOR.
constexpr std::string_view kLineSeparator = "\xE2\x80\xA8";
constexpr std::string_view kParagraphSeparator = "\xE2\x80\xA9";

void append_control(std::string& json, unsigned char byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    switch (byte) {
        case '\b':
            json += "\\b";
            return;
        case '\f':
            json += "\\f";
            return;
        case '\n':
            json += "\\n";
            return;
        case '\r':
            json += "\\r";
            return;
        case '\t':
            json += "\\t";
            return;
        default:
            break;
    }
    json += "\\u00";
    json += kDigits[byte >> 4];
    json += kDigits[byte & 0xF];
}

// The length of what stands at the front of `text` and cannot stay as it is; 0 if it can.
std::size_t to_escape(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < ' ' || byte == 0x7F || byte == '"' || byte == '\\') return 1;
    const bool separator =
        text.starts_with(kLineSeparator) || text.starts_with(kParagraphSeparator);
    return separator ? kLineSeparator.size() : 0;
}

void append_escaped(std::string& json, std::string_view character) {
    if (character == "\"" || character == "\\") {
        json += '\\';
        json += character;
    } else if (character.size() == 1) {
        append_control(json, static_cast<unsigned char>(character[0]));
    } else {
        json += character == kLineSeparator ? "\\u2028" : "\\u2029";
    }
}

}  // namespace

void append_json_string(std::string& json, std::string_view text) {
    json += '"';
    std::size_t begin = 0;  // of what can stay as it is
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = to_escape(text.substr(at));
        if (size == 0) {
            ++at;
            continue;
        }
        json += text.substr(begin, at - begin);
        append_escaped(json, text.substr(at, size));
        at += size;
        begin = at;
    }
    json += text.substr(begin);
    json += '"';
}

}  // namespace lab
