// The contract of the server of 05_ws_chat: a member's stream that comes in pieces, breaks off, or
// breaks the protocol.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("server puts a message together that arrives byte by byte") {
    const Server server(kStep);
    auto members = enter(server, 2);
    members[0].send_in_pieces(bytes_of({.payload = text_of(200)}), 1);
    for (WebSocket& member : members)
        member.expect(kText, "User: " + text_of(200), "recv gives pieces, not frames");
}

TEST_CASE("server finds every message in bytes that arrive together") {
    const Server server(kStep);
    auto members = enter(server, 2);
    std::string bytes;
    for (int i = 0; i < 50; ++i) bytes += bytes_of({.payload = "message " + std::to_string(i)});
    members[0].send_bytes(bytes);
    for (int i = 0; i < 50; ++i) {
        for (WebSocket& member : members)
            member.expect(kText, "User: message " + std::to_string(i), "recv gives many at once");
    }
}

TEST_CASE("fragments are one message and pings and others' messages may come between") {
    const Server server(kStep);
    auto members = enter(server, 2);
    // Cut within characters too.
    const std::string text = "Привіт 👋";
    members[0].send({.payload = text.substr(0, 1), .fin = false});
    members[0].send({.opcode = kPing, .payload = "between"});
    members[0].expect(kPong, "between", "a ping may come between fragments");
    expect_heard(members, 1, "between", "a message is passed on when it is whole");
    for (std::size_t i = 1; i < text.size(); ++i)
        members[0].send({.opcode = kContinuation, .payload = text.substr(i, 1), .fin = false});
    members[0].send({.opcode = kContinuation, .payload = ""});
    for (WebSocket& member : members)
        member.expect(kText, "User: " + text, "gather until the fragment with FIN");
    members[1].send({.opcode = kBinary, .payload = "ab", .fin = false});
    members[1].send({.opcode = kContinuation, .payload = "cd"});
    for (WebSocket& member : members)
        member.expect(kBinary, "abcd", "the first fragment tells what the message is");
}

TEST_CASE("server survives members that vanish at any moment of the request and of a frame") {
    const Server server(kStep);
    auto members = enter(server, 2);
    const std::string all =
        websocket_request("/ws?name=Bob") + bytes_of({.payload = text_of(200), .fin = false});
    for (std::size_t end = 0; end <= all.size(); end += 10) {
        for (const bool reset : {false, true}) {
            Connection client(server);
            client.send(all.substr(0, end));
            if (reset) client.reset();
        }
    }
    expect_heard(members, 0, "still there?", "an error of one connection ends that one only");
    expect_chat(server, "an error of one connection ends that one only");
}

TEST_CASE("server survives members that reset while they are sent to") {
    const Server server(kStep);
    auto members = enter(server, 2);
    for (int i = 0; i < 30; ++i) {
        WebSocket rude(server, "/ws");
        expect_heard(members, static_cast<std::size_t>(i % 2), "hello",
                     "everyone hears everything");
        members[0].send({.payload = "and you?"});
        rude.connection().reset();
        for (WebSocket& member : members)
            member.expect(kText, "User: and you?", "a failed send ends that member only");
    }
}

TEST_CASE("a member that breaks the protocol is sent away and nobody else") {
    const Server server(kStep);
    auto members = enter(server, 2);
    const std::vector<Frame> wrong{
        {.opcode = 3},
        {.payload = "x", .reserved = 4},
        {.opcode = kContinuation, .payload = "of nothing"},
        {.opcode = kPing, .payload = "x", .fin = false},
    };
    for (const Frame& frame : wrong) {
        WebSocket rude(server, "/ws");
        rude.send(frame);
        expect_sent_away(rude, 1002, "RFC 6455, 7.4.1: 1002 is a protocol error");
        expect_heard(members, 1, "still there?",
                     "only the member that broke the rules is sent away");
    }
}

TEST_SUITE_END();
