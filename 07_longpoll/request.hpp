// What a client asks for, out of a request of HTTP. It knows no sockets.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "07_longpoll/answer.hpp"
#include "common/http/connection.hpp"
#include "common/http/head.hpp"

namespace longpoll {

/// GET /messages: what came after a message, and how long the answer may wait for it.
struct Ask {
    Id after = 0;
    std::chrono::seconds wait{0};  // 0: not at all, as in AJAX polling
    std::optional<std::string> epoch;
};

/// POST /messages: the text is the body of the request.
struct Post {
    std::string name;
    std::string key;  // Idempotency-Key; empty: none
};

/// The question in `request`, a GET; or why it is refused: 400.
std::variant<Ask, http::Refusal> parse_ask(const http::Request& request);

/// The speaker and the text in `request`, a POST; or why it is refused: 400, or 415 if it is not
/// text. Source of the key: draft-ietf-httpapi-idempotency-key-header.
std::variant<Post, http::Refusal> parse_post(const http::Request& request);

}  // namespace longpoll
