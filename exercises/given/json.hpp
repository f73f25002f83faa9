// JSON (RFC 8259), as far as the chat of step 07 needs it.
#pragma once
#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

// The text as a string of JSON: quotes, backslashes and control characters are escaped (section 7).
inline std::string json_string(const std::string& text) {
    std::string json = "\"";
    for (const char byte : text) {
        char escaped[7];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned char>(byte));
        if (byte == '"' || byte == '\\')
            json += std::string("\\") + byte;
        else
            json += static_cast<unsigned char>(byte) < ' ' ? std::string(escaped)
                                                           : std::string(1, byte);
    }
    return json + "\"";
}

// The character of this number in UTF-8 (RFC 3629, section 3).
inline std::string utf8(unsigned long code) {
    const auto byte = [](unsigned long bits) { return static_cast<char>(bits); };
    const auto rest = [&](int shift) { return byte(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xC0 | code >> 6), rest(0)};
    if (code < 0x10000) return {byte(0xE0 | code >> 12), rest(6), rest(0)};
    return {byte(0xF0 | code >> 18), rest(12), rest(6), rest(0)};
}

// Reads a text of JSON from its beginning to its end. The text must live as long as the reader.
class Json {
 public:
    explicit Json(std::string_view text) : rest_(text) {}

    // Skips white space and then this token; false, and skips no token, if another one comes.
    bool take(char token) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // A string without its quotes and escapes; anything else as it is written.
    std::string value() {
        if (!take('"')) return letters(std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size()));
        std::string text;
        while (!rest_.starts_with('"')) {
            if (rest_.empty()) throw std::runtime_error("the JSON ends too early");
            text += rest_.starts_with('\\') ? escaped() : letters(1);
        }
        rest_.remove_prefix(1);
        return text;
    }
    // Calls `member` with each key of an object: it reads the value.
    template <class Member>
    void object(Member member) {
        if (!take('{')) throw std::runtime_error("this is no object of JSON");
        while (!take('}')) {
            take(',');
            const std::string key = value();
            if (!take(':')) throw std::runtime_error("a key has no value");
            member(key);
        }
    }
    // Calls `element` before each element of an array: it reads the element.
    template <class Element>
    void array(Element element) {
        if (!take('[')) throw std::runtime_error("this is no array of JSON");
        while (!take(']')) {
            take(',');
            element();
        }
    }

 private:
    std::string letters(std::size_t count) {
        const std::string text(rest_.substr(0, count));
        rest_.remove_prefix(std::min(count, rest_.size()));
        return text;
    }
    std::string escaped() {
        const char letter = letters(2).back();
        const std::size_t which = std::string_view("bfnrt").find(letter);
        if (which != std::string_view::npos) return {"\b\f\n\r\t"[which]};
        if (letter != 'u') return {letter};
        unsigned long code = std::stoul(letters(4), nullptr, 16);
        if (code >= 0xD800 && code < 0xDC00) {  // the first half of a pair
            letters(2);
            code = 0x10000 + (code - 0xD800) * 0x400 + std::stoul(letters(4), nullptr, 16) - 0xDC00;
        }
        return utf8(code);
    }

    std::string_view rest_;
};
