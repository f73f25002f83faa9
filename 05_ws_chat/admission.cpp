#include "05_ws_chat/admission.hpp"

#include <libwebsockets.h>

#include <cstdint>
#include <string_view>

#include "04_handshake/handshake.hpp"
#include "05_ws_chat/page_files.hpp"
#include "common/http/page.hpp"
#include "common/name.hpp"

namespace ws_chat {
namespace {

// In constant time: how long it takes must not tell how much of a guess is right. The length may
// be told: it does not help to guess.
bool same_secret(std::string_view one, std::string_view other) {
    return one.size() == other.size() &&
           lws_timingsafe_bcmp(one.data(), other.data(), static_cast<std::uint32_t>(one.size())) ==
               0;
}

// Why a request for a WebSocket may not enter the chat.
std::optional<http::Refusal> check_entry(const http::Request& request, const Rules& rules) {
    if (request.target.path != "/ws") return http::Refusal{404, "the chat is at /ws", {}};
    if (request.head.minor_version < 1)
        return http::Refusal{400, "HTTP/1.0 knows no upgrade: HTTP/1.1 is needed", {}};
    if (auto fault = websocket::check_handshake(request.head)) return fault;
    // With TLS the library answers. It would end the connection without a word.
    if (rules.secure && !request.head.values("Sec-WebSocket-Protocol").empty())
        return http::Refusal{400, "no subprotocol is known here", {}};
    if (auto fault = http::check_origin(request.head, request.target.authority, rules.allow_origins,
                                        rules.secure))
        return fault;
    if (!rules.token.empty() &&
        !same_secret(request.target.argument("token").value_or(""), rules.token))
        return http::Refusal{401, "the token is missing or wrong", {}};
    const auto name = request.target.argument("name");
    if (name && !lab::is_name(*name)) return http::Refusal{400, lab::kNameRule, {}};
    return std::nullopt;
}

// Says why in the body, and in the field X-Reason: of a refusal the library's client gets to see
// the fields alone.
http::Response refusal_to_enter(const http::Refusal& refusal) {
    http::Response response = http::refusal_response(refusal);
    response.fields.push_back({"X-Reason", refusal.text});
    return response;
}

http::Response plain_response(const http::Request& request) {
    const std::string& method = request.head.method;
    if (method != "GET" && method != "HEAD") {
        return http::refusal_response(
            {405, "GET and HEAD are allowed here", {{"Allow", "GET, HEAD"}}});
    }
    if (request.target.path == "/ws") {
        return http::refusal_response({426,
                                       "Upgrade: websocket is missing: this is the chat",
                                       {{"Upgrade", "websocket"},
                                        {"Connection", "Upgrade"},
                                        {"Sec-WebSocket-Version", "13"}}});
    }
    return http::page_response({page_html, page_js, page_css}, request.target.path)
        .value_or(http::refusal_response(
            {404, "there is nothing at this address", http::security_fields()}));
}

}  // namespace

std::optional<http::Response> response_to(const http::Request& request, const Rules& rules) {
    // An upgrade to anything else, as h2c, is not for us: RFC 9110, section 7.8, lets us ignore it.
    if (!websocket::wants_websocket(request.head)) return plain_response(request);
    if (const auto fault = check_entry(request, rules)) return refusal_to_enter(*fault);
    return std::nullopt;
}

http::Response response_when_full() {
    return refusal_to_enter({503, "the chat is full", {{"Retry-After", "10"}}});
}

Newcomer newcomer_of(const http::Request& request) {
    return {.name = request.target.argument("name").value_or(kDefaultName),
            .heartbeats = request.target.argument("heartbeat").has_value()};
}

}  // namespace ws_chat
