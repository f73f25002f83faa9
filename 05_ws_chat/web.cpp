#include "05_ws_chat/web.hpp"

#include <strings.h>

#include <vector>

#include "05_ws_chat/page_files.hpp"

namespace ws_chat {
namespace {

// The page may load from, and connect to, nothing but this server, and no other page may frame it.
const std::vector<http::Field> kSecurity{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"}};

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

std::string answer_plain_request(const std::string& path, bool with_body) {
    const auto answer = [&](const std::string& type, std::string_view body) {
        return http::response(200, type, body, kSecurity, with_body);
    };
    if (path == "/") return answer("text/html; charset=utf-8", page_html);
    if (path == "/page.js") return answer("text/javascript; charset=utf-8", page_js);
    if (path == "/page.css") return answer("text/css; charset=utf-8", page_css);
    if (path == "/ws") {
        return http::response({426,
                               "Upgrade: websocket is missing: this is the chat",
                               {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}},
                              with_body);
    }
    return http::response({404, "there is nothing at this address", kSecurity}, with_body);
}

bool write_answer(lws* connection, std::string answer) {
    const std::size_t size = answer.size();
    answer.insert(0, LWS_PRE, '\0');
    auto* const bytes = reinterpret_cast<unsigned char*>(answer.data()) + LWS_PRE;
    return lws_write(connection, bytes, size, LWS_WRITE_HTTP) >= 0;
}

}  // namespace ws_chat
