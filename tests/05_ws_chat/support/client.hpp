// The client of 05_ws_chat as tests use it, and the tests' own server for it.
#pragma once

#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"

namespace lab::test::chat_client {

inline const std::string kStep = "05_ws_chat";

inline std::vector<std::string> command(const std::string& url,
                                        const std::vector<std::string>& options = {}) {
    return url_client_command(kStep, url, options);
}

inline std::string url_of(const std::string& port) {
    return "ws://127.0.0.1:" + port + "/ws";
}

/// The client, and the tests' own server, which says what a case wants.
struct Conversation {
    Listener listener;
    Program client;
    HttpHead request;
    WebSocket server;
    explicit Conversation(const std::vector<std::string>& options = {},
                          Streams streams = Streams::pipes)
        : client(command(url_of(listener.port()), options), streams),
          server(accept_websocket(listener, &request)) {}

    /// The client's own lines come back, as they do from a chat.
    void hear_and_repeat(const std::string& text, const std::string& name = "User",
                         Place place = Place::here()) {
        server.expect(kText, text, "send each line as a text message", place);
        server.send({.payload = name + ": " + text}, place);
    }
};

/// The client sends its close frame, gets ours, and ends: with `status` 0 if all that it said was
/// heard.
inline void expect_farewell(Conversation& talk, int status = 0, Place place = Place::here()) {
    const WebSocket::Arrived frame = talk.server.receive("leave with a close frame", place);
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1000)))
        fail("a close frame with 1000", lab::visible(frame.payload), "1000 is a normal end", place);
    talk.server.send({.opcode = kClose, .payload = close_payload(1000)}, place);
    talk.server.connection().finish();
    talk.client.expect_exit(status, "the conversation is over", kDeadline, place);
}

}  // namespace lab::test::chat_client
