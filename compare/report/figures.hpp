// Numbers as people read them.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

#include "compare/measure/row.hpp"

namespace compare {

/// `pattern` with `values` in it, at most 511 bytes. Source: snprintf(3).
template <class... Values>
std::string format(const char* pattern, Values... values) {
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

/// `value` with three digits, and at most three of them behind the point: 0.042, 1.23, 45.6, 789,
/// 12 345.
std::string three_figures(double value);

/// `value` with all its digits, in groups if there are many: 789, 12 345.
std::string whole_number(std::uint64_t value);

/// `value` as short as it can be: 20, 0.01, 1.5.
inline std::string plain_number(double value) {
    return format("%g", value);
}

/// The chat of `parameters` in words: "a writer says 40 messages of 64 bytes, 20 a second, to …".
std::string description(const Parameters& parameters);

}  // namespace compare
