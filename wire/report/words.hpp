// The words that all reports use.
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "wire/dissect/message.hpp"

namespace wire {

/// The parts that differ from run to run, which a report may leave out.
struct Style {
    bool times = true;  // false: no times, and no ports
};

/// snprintf(3) into a string of at most 255 bytes.
template <class... Values>
std::string format(const char* pattern, Values... values) {
    std::array<char, 256> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

/// The mark in one word, as style sheets know it: "again", "lost", "bad"; empty for none.
std::string word_of(Mark mark);

/// `bytes` as one line without control characters, at most `limit` bytes of it.
std::string shown(std::string_view bytes, std::size_t limit = 160);

/// `text` in quotation marks, as --trace shows it; empty if there is none.
std::string in_quotes(std::string_view text, std::size_t limit = 64);

/// `duration` in seconds with six digits behind the point: "0.000120".
std::string seconds(std::chrono::nanoseconds duration);

/// `duration` for people: "0.35 ms", "1.2 s".
std::string rounded(std::chrono::nanoseconds duration);

/// A message in one line, without its time: `GET /chat HTTP/1.1  158 bytes`, and what is wrong with
/// it.
std::string line_of(const Message& message, const Style& style, std::size_t text_limit = 64);

}  // namespace wire
