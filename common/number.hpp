// Numbers out of text. No step teaches it.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace lab {

/// The number that the whole of `text` is, in decimal or another `base`; none if it is anything
/// else, or too large for a Number. Source: std::from_chars.
template <std::integral Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
    Number number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

}  // namespace lab
