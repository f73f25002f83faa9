// The words that all reports use.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "wire/dissect/message.hpp"

namespace wire {

/// What a report leaves out, because it differs from run to run.
struct Style {
    bool times = true;  // false: no times, and no ports
};

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
