#include "05_ws_chat/web.hpp"

#include <strings.h>

#include "05_ws_chat/page_files.hpp"

namespace ws_chat {
namespace {

std::optional<std::string> header(lws* connection, lws_token_indexes token) {
    const int length = lws_hdr_total_length(connection, token);
    if (length <= 0) return std::nullopt;
    std::string value(static_cast<std::size_t>(length) + 1, '\0');
    if (lws_hdr_copy(connection, value.data(), length + 1, token) < 0) return std::nullopt;
    value.resize(static_cast<std::size_t>(length));
    return value;
}

// The library has decoded the arguments already, and keeps each as "name=value".
std::optional<std::string> argument(lws* connection, const std::string& name) {
    const std::string before = name + "=";
    for (int i = 0;; ++i) {
        const int length = lws_hdr_fragment_length(connection, WSI_TOKEN_HTTP_URI_ARGS, i);
        std::string text(static_cast<std::size_t>(length) + 1, '\0');
        // Negative after the last one; the length alone does not tell an empty one from none.
        if (lws_hdr_copy_fragment(connection, text.data(), length + 1, WSI_TOKEN_HTTP_URI_ARGS, i) <
            0)
            return std::nullopt;
        text.resize(static_cast<std::size_t>(length));
        if (text.starts_with(before)) return text.substr(before.size());
    }
}

}  // namespace

bool asks_for_websocket(lws* connection) {
    const std::string protocol = header(connection, WSI_TOKEN_UPGRADE).value_or("");
    return strcasecmp(protocol.c_str(), "websocket") == 0;
}

std::string path_of(lws* connection) {
    return header(connection, WSI_TOKEN_GET_URI)
        .value_or(header(connection, WSI_TOKEN_HEAD_URI).value_or(""));
}

std::optional<Request> request_of(lws* connection) {
    // A line end in the target, as %0A, ends the request line for the library: then it finds no
    // version.
    if (!header(connection, WSI_TOKEN_HTTP)) return std::nullopt;
    const auto path = header(connection, WSI_TOKEN_GET_URI);
    if (!path) return std::nullopt;
    return Request{.path = *path,
                   .host = header(connection, WSI_TOKEN_HOST).value_or(""),
                   .origin = header(connection, WSI_TOKEN_ORIGIN),
                   .token = argument(connection, "token"),
                   .name = argument(connection, "name")};
}

http::Response answer_plain_request(const std::string& path) {
    if (path == "/ws") {
        return http::refusal_response({426,
                                       "Upgrade: websocket is missing: this is the chat",
                                       {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}});
    }
    return http::page_response({page_html, page_js, page_css}, path)
        .value_or(http::refusal_response(
            {404, "there is nothing at this address", http::security_fields()}));
}

bool write_response(lws* connection, const http::Response& response, bool with_body) {
    const std::string bytes = http::to_bytes(response, http::Persistence::close, with_body);
    std::string with_room = std::string(LWS_PRE, '\0') + bytes;
    auto* const begin = reinterpret_cast<unsigned char*>(with_room.data()) + LWS_PRE;
    return lws_write(connection, begin, bytes.size(), LWS_WRITE_HTTP) >= 0;
}

bool write_refusal(lws* connection, const http::Refusal& refusal) {
    http::Response response = http::refusal_response(refusal);
    response.fields.push_back({"X-Reason", refusal.text});
    return write_response(connection, response);
}

}  // namespace ws_chat
