// The opening handshake of WebSocket: an HTTP request and its answer, after which the connection
// carries frames. It knows no sockets. Source: RFC 6455, section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/http/head.hpp"
#include "common/http/target.hpp"

namespace websocket {

/// What a server appends to the key, so that its answer shows that it speaks WebSocket: no other
/// protocol hashes just this. Source: RFC 6455, section 1.3.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Why `key` is no Sec-WebSocket-Key; none if it is 16 bytes in Base64. Source: RFC 6455, section
/// 4.2.1; RFC 4648, section 4.
std::optional<http::Refusal> check_key(std::string_view key);

/// The 16 bytes that `key`, one without fault, stands for.
std::string decode_key(std::string_view key);

/// The 20 bytes of the SHA-1 of `bytes`.
std::string sha1(std::string_view bytes);

/// `bytes` in Base64.
std::string base64(std::string_view bytes);

/// The Sec-WebSocket-Accept for `key`: Base64(SHA-1(key + GUID)).
std::string accept_value(std::string_view key, std::string_view guid = kGuid);

/// Why a request is refused whatever it asks for: the framing of a body, or its method; none if
/// both are in order. Source: RFC 9112, section 6.3.
std::optional<http::Refusal> check_request(const http::Head& request);

/// Whether the request asks for an upgrade to WebSocket, rightly or not.
bool wants_websocket(const http::Head& request);

/// Why a request for WebSocket is refused; none if it is in order. Source: RFC 6455, sections 4.2.1
/// and 4.4.
std::optional<http::Refusal> check_handshake(const http::Head& request);

/// The answer that opens the WebSocket which `request`, one without fault, asks for. Agrees to no
/// extension and no subprotocol.
std::string handshake_response(const http::Head& request, std::string_view guid = kGuid);

/// A key for a new connection: 16 random bytes in Base64. Throws std::system_error.
std::string new_key();

/// The request of a client for the resource `target` of `host` ("127.0.0.1:8004"). Source: RFC
/// 6455, section 4.1.
std::string handshake_request(std::string_view host, std::string_view target, std::string_view key);

/// Why the server's answer to a request with `key` opens no WebSocket, as the text of a refusal;
/// none if it opens one. Source: RFC 6455, section 4.1.
std::optional<http::Refusal> check_response(const http::Head& response, std::string_view key);

}  // namespace websocket
