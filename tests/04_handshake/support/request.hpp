// Requests to the server of 04_handshake, right ones and wrong ones, and what a refusal has to look
// like.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/visible.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

namespace lab::test::handshake {

inline const std::string kStep = "04_handshake";
inline const std::string kHost = "Host: localhost\r\n";
inline const std::string kUpgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
inline const std::string kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
inline const std::string kVersion = "Sec-WebSocket-Version: 13\r\n";

/// What follows the Host in a request for a WebSocket.
inline const std::string kRest = kUpgrade + kKey + kVersion;
/// A request for a WebSocket but for the lines that ask for it.
inline const std::string kUnasked = kHost + kKey + kVersion;

inline std::string request(const std::string& first_line, const std::string& lines) {
    return first_line + "\r\n" + lines + "\r\n";
}

/// A GET request with these header lines.
inline std::string get(const std::string& lines) {
    return request("GET / HTTP/1.1", lines);
}

/// A target of that many bytes.
inline std::string target_of_size(std::size_t size) {
    return std::string("/").append(size - 1, 'x');
}

/// A request for a WebSocket with this key.
inline std::string with_key(const std::string& key) {
    return get(kHost + kUpgrade + kVersion + "Sec-WebSocket-Key: " + key + "\r\n");
}

/// The answer must have one of these statuses, say why in one line of text, and then end in order.
inline HttpHead expect_refusal(Connection& client, const std::vector<int>& statuses,
                               const std::string& hint, Place place = Place::here()) {
    HttpHead head = receive_head(client, hint, place);
    if (std::ranges::find(statuses, head.status()) == statuses.end())
        fail("status " + std::to_string(statuses[0]), lab::visible(head.first_line), hint, place);
    if (!head.value("Content-Type").starts_with("text/plain"))
        fail("Content-Type: text/plain", head.fields, "say why, in one line of text", place);
    const std::string body = client.receive_line("say why, in one line of text", place);
    if (body.size() < 5) fail("a reason", lab::visible(body), "say why, in one line", place);
    client.expect_end("then close in order", place);
    return head;
}

/// A new client with this request is refused so.
inline HttpHead expect_refusal(const Server& server, const std::string& bytes,
                               const std::vector<int>& statuses, const std::string& hint,
                               Place place = Place::here()) {
    Connection client(server);
    client.send(bytes, place);
    HttpHead head = expect_refusal(client, statuses, hint + ": " + bytes, place);
    expect_served(server, "only the refused client is sent away", place);
    return head;
}

}  // namespace lab::test::handshake
