#include "05_ws_chat/admission.hpp"

#include <libwebsockets.h>

#include <algorithm>
#include <cstdint>

#include "common/visible.hpp"

namespace ws_chat {
namespace {

constexpr std::size_t kLongestName = 32;

// In constant time: how long it takes must not tell how much of a guess is right. The length may
// be told: it does not help to guess.
bool same_secret(std::string_view one, std::string_view other) {
    return one.size() == other.size() &&
           lws_timingsafe_bcmp(one.data(), other.data(), static_cast<std::uint32_t>(one.size())) ==
               0;
}

bool may_enter(const std::string& origin, const std::string& host, const Rules& rules) {
    const std::string own = (rules.secure ? "https://" : "http://") + host;
    return origin == own || std::ranges::count(rules.allow_origins, origin) > 0 ||
           std::ranges::count(rules.allow_origins, "*") > 0;
}

}  // namespace

std::optional<http::Refusal> fault_of(const Request& request, const Rules& rules) {
    if (request.path != "/ws") return http::Refusal{404, "the chat is at /ws", {}};
    if (request.origin && !may_enter(*request.origin, request.host, rules)) {
        return http::Refusal{
            403, "pages of " + lab::without_controls(*request.origin) + " may not connect", {}};
    }
    if (!rules.token.empty() && !same_secret(request.token.value_or(""), rules.token))
        return http::Refusal{401, "the token is missing or wrong", {}};
    if (request.name && !is_name(*request.name)) {
        return http::Refusal{
            400, "a name has 1 to 32 characters of UTF-8 and no control characters", {}};
    }
    return std::nullopt;
}

bool is_name(std::string_view name) {
    std::size_t characters = 0;
    for (; !name.empty(); ++characters) {
        const std::size_t size = lab::utf8_character(name);
        if (size == 0 || lab::without_controls(name.substr(0, size)) != name.substr(0, size) ||
            name[0] == '\n' || name[0] == '\t')
            return false;
        name.remove_prefix(size);
    }
    return characters >= 1 && characters <= kLongestName;
}

}  // namespace ws_chat
