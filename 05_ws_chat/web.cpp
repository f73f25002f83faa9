#include "05_ws_chat/web.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/address.hpp"
#include "common/http/target.hpp"
#include "common/log.hpp"

namespace ws_chat {
namespace {

struct Token {
    lws_token_indexes token;
    const char* name;
};

// The library files the target under the method. It knows more methods: the chat knows none of
// them.
constexpr std::array kMethods{Token{WSI_TOKEN_GET_URI, "GET"}, Token{WSI_TOKEN_HEAD_URI, "HEAD"},
                              Token{WSI_TOKEN_POST_URI, "POST"}};
constexpr std::array kFields{Token{WSI_TOKEN_HOST, "Host"},
                             Token{WSI_TOKEN_UPGRADE, "Upgrade"},
                             Token{WSI_TOKEN_CONNECTION, "Connection"},
                             Token{WSI_TOKEN_ORIGIN, "Origin"},
                             Token{WSI_TOKEN_VERSION, "Sec-WebSocket-Version"},
                             Token{WSI_TOKEN_KEY, "Sec-WebSocket-Key"},
                             Token{WSI_TOKEN_PROTOCOL, "Sec-WebSocket-Protocol"},
                             Token{WSI_TOKEN_HTTP_CONTENT_LENGTH, "Content-Length"},
                             Token{WSI_TOKEN_HTTP_TRANSFER_ENCODING, "Transfer-Encoding"}};

// Joins the values of a field that comes more than once with a comma, as the library does.
std::optional<std::string> value_of(lws* connection, lws_token_indexes token) {
    const int length = lws_hdr_total_length(connection, token);
    if (length <= 0) return std::nullopt;
    std::string value(static_cast<std::size_t>(length) + 1, '\0');
    if (lws_hdr_copy(connection, value.data(), length + 1, token) < 0) return std::nullopt;
    value.resize(static_cast<std::size_t>(length));
    return value;
}

// The library has decoded the arguments already, and keeps each as "name=value".
std::vector<http::Field> arguments_of(lws* connection) {
    std::vector<http::Field> arguments;
    for (int i = 0;; ++i) {
        const int length = lws_hdr_fragment_length(connection, WSI_TOKEN_HTTP_URI_ARGS, i);
        std::string text(static_cast<std::size_t>(length) + 1, '\0');
        // Negative after the last one; the length alone does not tell an empty one from none.
        if (lws_hdr_copy_fragment(connection, text.data(), length + 1, WSI_TOKEN_HTTP_URI_ARGS, i) <
            0)
            return arguments;
        text.resize(static_cast<std::size_t>(length));
        const std::size_t equals = std::min(text.find('='), text.size());
        arguments.push_back(
            {text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))});
    }
}

}  // namespace

std::variant<http::Request, http::Refusal> request_of(lws* connection) {
    // A line end in the target, as %0A, ends the request line for the library: then it finds no
    // version.
    const auto version = value_of(connection, WSI_TOKEN_HTTP);
    if (!version) return http::Refusal{400, "the request line is malformed", {}};
    http::Request request;
    request.head.method = "another";
    for (const Token& method : kMethods) {
        if (const auto path = value_of(connection, method.token)) {
            request.head.method = method.name;
            request.target.path = *path;
        }
    }
    request.head.minor_version = version->ends_with("1.0") ? 0 : 1;
    for (const Token& field : kFields)
        if (auto value = value_of(connection, field.token))
            request.head.fields.push_back({field.name, std::move(*value)});
    request.target.arguments = arguments_of(connection);
    request.head.target += '/';  // the library has taken the real one apart
    auto target = http::parse_target(request.head);
    if (auto* const refusal = std::get_if<http::Refusal>(&target)) return std::move(*refusal);
    request.target.authority = std::get<http::Target>(target).authority;
    return request;
}

bool write_response(lws* connection, const http::Response& response, bool with_body) {
    if (response.status >= 400) {
        lab::log(lab::peer_address(lws_get_socket_fd(connection)) +
                 " refused: " + std::to_string(response.status) + ", " +
                 response.body.substr(0, response.body.find('\n')));
    }
    const std::string bytes = http::to_bytes(response, http::Persistence::close, with_body);
    std::string with_room = std::string(LWS_PRE, '\0') + bytes;
    auto* const begin = reinterpret_cast<unsigned char*>(with_room.data()) + LWS_PRE;
    return lws_write(connection, begin, bytes.size(), LWS_WRITE_HTTP) >= 0;
}

}  // namespace ws_chat
