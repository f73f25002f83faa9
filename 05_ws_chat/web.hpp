// What the server says in HTTP: the page, and why somebody may not enter. Called in the library's
// callbacks, by its thread.
#pragma once

#include <libwebsockets.h>

#include <optional>
#include <string>

#include "05_ws_chat/admission.hpp"
#include "common/http_response.hpp"

namespace ws_chat {

/// What the head of the request on `connection` says; none if the library could not make sense of
/// it.
std::optional<Request> request_of(lws* connection);

/// Whether the upgrade that is asked for is one to WebSocket: the library knows h2c too.
bool asks_for_websocket(lws* connection);

/// The path that a request with GET or HEAD is for; empty if there is none.
std::string path_of(lws* connection);

/// The answer to a plain GET for `path`: the page, what belongs to it, or a refusal.
http::Response answer_plain_request(const std::string& path);

/// Writes a whole response, after which the connection ends; with `with_body` false its head alone.
/// Returns false if the connection is broken.
bool write_response(lws* connection, const http::Response& response, bool with_body = true);

/// Writes why somebody may not enter: in the body, and in the field X-Reason, for the library's
/// client gets to see the fields of a refusal alone. Returns false if the connection is broken.
bool write_refusal(lws* connection, const http::Refusal& refusal);

}  // namespace ws_chat
