// HTTP inside the library: what it has read of a request, and how it is answered. That is the case
// with TLS, which only the library can read. Called in its callbacks, by its thread.
#pragma once

#include <libwebsockets.h>

#include <variant>

#include "common/http/connection.hpp"
#include "common/http/response.hpp"

namespace ws_chat {

/// What the request on `connection` says: its method, its target, and those of its fields that the
/// chat looks at. Or why it is refused: the library could not make sense of it, or its Host names
/// no server.
std::variant<http::Request, http::Refusal> request_of(lws* connection);

/// Writes a whole response, after which the connection ends; with `with_body` false its head alone.
/// Logs it if it is a refusal. Returns false if the connection is broken.
bool write_response(lws* connection, const http::Response& response, bool with_body = true);

}  // namespace ws_chat
