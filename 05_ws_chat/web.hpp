// What the server says in HTTP: the page, and why somebody may not enter. Called in the library's
// callbacks, by its thread.
#pragma once

#include <libwebsockets.h>

#include <optional>
#include <string>

#include "04_handshake/http_head.hpp"
#include "05_ws_chat/admission.hpp"

namespace ws_chat {

/// What the head of the request on `connection` says; none if the library could not make sense of
/// it.
std::optional<Request> request_of(lws* connection);

/// Whether the upgrade that is asked for is one to WebSocket: the library knows h2c too.
bool asks_for_websocket(lws* connection);

/// The path that a request with GET or HEAD is for; empty if there is none.
std::string path_of(lws* connection);

/// The answer to a plain GET for `path`: the page, what belongs to it, or a refusal.
std::string answer_plain_request(const std::string& path, bool with_body);

/// Writes a whole answer. Returns false if the connection is broken.
bool write_answer(lws* connection, std::string answer);

}  // namespace ws_chat
