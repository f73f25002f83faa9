#include "05_ws_chat/admission.hpp"

#include <libwebsockets.h>

#include <cstdint>

#include "common/name.hpp"
#include "common/origin.hpp"
#include "common/visible.hpp"

namespace ws_chat {
namespace {

// In constant time: how long it takes must not tell how much of a guess is right. The length may
// be told: it does not help to guess.
bool same_secret(std::string_view one, std::string_view other) {
    return one.size() == other.size() &&
           lws_timingsafe_bcmp(one.data(), other.data(), static_cast<std::uint32_t>(one.size())) ==
               0;
}

}  // namespace

std::optional<http::Refusal> fault_of(const Request& request, const Rules& rules) {
    if (request.path != "/ws") return http::Refusal{404, "the chat is at /ws", {}};
    const std::string own = (rules.secure ? "https://" : "http://") + request.host;
    if (request.origin && !http::is_allowed_origin(*request.origin, own, rules.allow_origins)) {
        return http::Refusal{
            403, "pages of " + lab::without_controls(*request.origin) + " may not connect", {}};
    }
    if (!rules.token.empty() && !same_secret(request.token.value_or(""), rules.token))
        return http::Refusal{401, "the token is missing or wrong", {}};
    if (request.name && !lab::is_name(*request.name)) return http::Refusal{400, lab::kNameRule, {}};
    return std::nullopt;
}

}  // namespace ws_chat
