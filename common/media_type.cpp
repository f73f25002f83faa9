#include "common/media_type.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace http {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    for (char& c : result)
        if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// Takes the value of a parameter from the front of `text`: a word, or any text in quotation marks.
std::optional<std::string> take_value(std::string_view& text) {
    if (!text.starts_with('"')) {
        const std::string_view word = text.substr(0, text.find(';'));
        text.remove_prefix(word.size());
        return std::string(without_white_space(word));
    }
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return value;
        }
        if (text[i] == '\\' && ++i == text.size()) break;
        value += text[i];
    }
    return std::nullopt;
}

}  // namespace

std::optional<MediaType> media_type_of(const Head& message) {
    const auto values = message.values("Content-Type");
    if (values.size() != 1) return std::nullopt;
    std::string_view rest = values[0];
    const std::string_view name = without_white_space(rest.substr(0, rest.find(';')));
    MediaType type{.name = lower(name), .charset = {}};
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    while (!rest.empty()) {
        if (!rest.starts_with(';')) return std::nullopt;
        rest = without_white_space(rest.substr(1));
        if (rest.empty() || rest.starts_with(';')) continue;
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string parameter = lower(rest.substr(0, equals));
        rest.remove_prefix(equals + 1);
        const auto value = take_value(rest);
        if (!value) return std::nullopt;
        rest = without_white_space(rest);
        if (parameter == "charset" && !type.charset) type.charset = lower(*value);
    }
    return type;
}

}  // namespace http
