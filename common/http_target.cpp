#include "common/http_target.hpp"

#include <algorithm>
#include <cstdint>

#include "common/number.hpp"

namespace http {
namespace {

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            const std::string_view digits = text.substr(i + 1, 2);
            const auto byte = lab::number_in<std::uint8_t>(digits, 16);
            if (digits.size() < 2 || !byte) return std::nullopt;
            decoded += static_cast<char>(*byte);
            i += 2;
        }
    }
    return decoded;
}

}  // namespace

std::optional<std::string> value_in(const std::vector<Field>& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &Field::name);
    if (found == fields.end()) return std::nullopt;
    return found->value;
}

std::optional<std::string> Target::argument(std::string_view name) const {
    return value_in(arguments, name);
}

std::optional<std::vector<Field>> parse_form(std::string_view text) {
    std::vector<Field> fields;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (part.empty()) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        auto name = decode(part.substr(0, equals), true);
        auto value = decode(part.substr(std::min(equals + 1, part.size())), true);
        if (!name || !value) return std::nullopt;
        fields.push_back({std::move(*name), std::move(*value)});
    }
    return fields;
}

std::optional<Target> parse_target(std::string_view target) {
    // A proxy is sent the absolute form, and a server has to take it too.
    const bool absolute = target.starts_with("http://");
    if (absolute) target.remove_prefix(std::min(target.find_first_of("/?", 7), target.size()));
    if (!absolute && !target.starts_with('/')) return std::nullopt;
    const std::size_t question = std::min(target.find('?'), target.size());
    auto path = decode(question > 0 ? target.substr(0, question) : "/", false);
    auto arguments = parse_form(target.substr(std::min(question + 1, target.size())));
    if (!path || !arguments) return std::nullopt;
    return Target{std::move(*path), std::move(*arguments)};
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kUnreserved =
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kUnreserved.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += kDigits[byte >> 4];
            encoded += kDigits[byte & 0xF];
        }
    }
    return encoded;
}

}  // namespace http
