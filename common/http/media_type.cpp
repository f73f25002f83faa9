#include "common/http/media_type.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace http {
namespace {

// Takes what stands before one of `ends`, or all of it, from the front of `text`.
std::string_view take_until(std::string_view& text, std::string_view ends) {
    const std::string_view taken = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(taken.size());
    return taken;
}

// Takes text in quotation marks, whose end may be missing. What follows its end means nothing.
std::string take_quoted(std::string_view& text) {
    std::string value;
    for (text.remove_prefix(1); !text.empty() && text[0] != '"'; text.remove_prefix(1)) {
        if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
        value += text[0];
    }
    take_until(text, ";");
    return value;
}

}  // namespace

std::optional<MediaType> parse_media_type(const Head& message) {
    const auto values = message.values("Content-Type");
    if (values.size() != 1) return std::nullopt;
    std::string_view rest = values[0];
    MediaType type{.name = lower_case(without_white_space(take_until(rest, ";"))), .charset = {}};
    const std::size_t slash = std::min(type.name.find('/'), type.name.size());
    if (!is_token(type.name.substr(0, slash)) || slash == type.name.size() ||
        !is_token(type.name.substr(slash + 1)))
        return std::nullopt;
    while (!rest.empty()) {
        rest = without_white_space(rest.substr(1));
        const std::string parameter = lower_case(take_until(rest, ";="));
        if (!rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        const bool quoted = rest.starts_with('"');
        const std::string value =
            quoted ? take_quoted(rest) : std::string(without_white_space(take_until(rest, ";")));
        if (value.empty() && !quoted) continue;
        if (parameter == "charset" && !type.charset) type.charset = lower_case(value);
    }
    return type;
}

}  // namespace http
