#include "07_longpoll/request.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/http/body.hpp"
#include "common/name.hpp"
#include "common/number.hpp"
#include "common/utf8.hpp"

namespace longpoll {
namespace {

constexpr std::uint64_t kWait = 25, kMaxWait = 60;  // seconds
constexpr const char* kDefaultName = "User";
constexpr std::size_t kMaxKey = 64;

// The whole number that the argument of this name is, `otherwise` if there is none; nothing if it
// is no whole number, is above `most`, or comes twice.
std::optional<std::uint64_t> number_of(const http::Target& target, std::string_view name,
                                       std::uint64_t otherwise, std::uint64_t most) {
    std::optional<std::uint64_t> number;
    for (const http::Field& argument : target.arguments) {
        if (argument.name != name) continue;
        const bool twice = number.has_value();
        number = lab::number_in<std::uint64_t>(argument.value);
        if (twice || !number || *number > most) return std::nullopt;
    }
    return number.value_or(otherwise);
}

http::Refusal not_a_number(const std::string& name, std::uint64_t most) {
    return {400, name + " is one whole number from 0 to " + std::to_string(most), {}};
}

bool is_key(std::string_view key) {
    const auto is_visible = [](char byte) { return byte > ' ' && byte < 0x7F; };
    return !key.empty() && key.size() <= kMaxKey && std::ranges::all_of(key, is_visible);
}

}  // namespace

std::variant<Ask, http::Refusal> parse_ask(const http::Request& request) {
    const auto after = number_of(request.target, "after", 0, kLastId);
    if (!after) return not_a_number("after", kLastId);
    const auto wait = number_of(request.target, "wait", kWait, kMaxWait);
    if (!wait) return not_a_number("wait", kMaxWait);
    return Ask{.after = *after,
               .wait = std::chrono::seconds(*wait),
               .epoch = request.target.argument("epoch")};
}

std::variant<Post, http::Refusal> parse_post(const http::Request& request) {
    const auto type = http::parse_media_type(request.head);
    if (!type || type->name != "text/plain" || !type->is_utf8())
        return http::Refusal{415, "a message is text/plain in UTF-8", {}};
    Post post{.name = request.target.argument("name").value_or(kDefaultName), .key = {}};
    if (!lab::is_name(post.name)) return http::Refusal{400, lab::kNameRule, {}};
    const auto keys = request.head.values("Idempotency-Key");
    if (keys.size() > 1 || (keys.size() == 1 && !is_key(keys[0])))
        return http::Refusal{400, "Idempotency-Key is 1 to 64 visible characters of ASCII", {}};
    if (!keys.empty()) post.key = keys[0];
    if (!lab::is_utf8(request.body)) return http::Refusal{400, "the message is not UTF-8", {}};
    return post;
}

}  // namespace longpoll
