// The contract of the server of 05_ws_chat: what counts around a close frame and a ping.
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

TEST_CASE("nothing that follows a close frame is a message") {
    const Server server(kStep);
    auto members = enter(server, 2);
    const std::string close = bytes_of({.opcode = kClose, .payload = close_payload(1000)});
    const std::string ghost = bytes_of({.payload = "ghost"});
    const std::string begins = bytes_of({.payload = "gh", .fin = false});
    const std::string ends = bytes_of({.opcode = kContinuation, .payload = "ost"});
    for (const std::string& bytes :
         {close + ghost, close + bytes_of({.opcode = kBinary, .payload = "ghost"}),
          begins + close + ends, close + begins + ends, begins + close + ends + ghost,
          close + close + ghost}) {
        WebSocket leaves(server, "/ws");
        leaves.send_bytes(bytes);
        WebSocket slowly(server, "/ws");
        slowly.send_in_pieces(bytes, 1);
        leaves.connection().receive_to_end("the close is answered, and then TCP ends");
        slowly.connection().receive_to_end("the close is answered, and then TCP ends");
        expect_heard(members, 0, "still there?", "RFC 6455, 5.5.1: after Close comes no data");
    }
}

TEST_CASE("a close frame with half a code is answered with 1002") {
    const Server server(kStep);
    WebSocket rude(server, "/ws");
    rude.send({.opcode = kClose, .payload = "x"});
    rude.expect_close(1002, "RFC 6455, 5.5.1: the code has two bytes");
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a close frame with a code that may not be sent is answered with 1002") {
    const Server server(kStep);
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999}) {
        WebSocket rude(server, "/ws");
        rude.send({.opcode = kClose, .payload = close_payload(code)});
        rude.expect_close(1002, "RFC 6455, 7.4.1: " + std::to_string(code) + " may not be sent");
    }
    expect_chat(server, "nobody else notices");
}

TEST_CASE("an oversized control frame and a reason that is not UTF-8 end the connection") {
    const Server server(kStep);
    auto members = enter(server, 1);
    for (const Frame& frame : {Frame{.opcode = kPing, .payload = std::string(126, 'x')},
                               Frame{.opcode = kClose, .payload = std::string(126, '\3')},
                               Frame{.opcode = kClose, .payload = close_payload(1000, "\xff")}}) {
        WebSocket rude(server, "/ws");
        rude.send(frame);
        rude.connection().receive_to_end("RFC 6455, 5.5 and 8.1");
        expect_heard(members, 0, "still there?",
                     "only the member that broke the rules is sent away");
    }
}

TEST_CASE("a pong does not wait for all the messages that wait before it") {
    const Server server(kStep, {"--rate", "0", "--queue", "67108864", "--ping", "3600"});
    WebSocket slow(server, "/ws");
    WebSocket speaker(server, "/ws");
    const std::string message = text_of(60'000);
    constexpr int kMessages = 250;
    const auto say = [&](int count) {
        for (int i = 0; i < count; ++i) speaker.send({.opcode = kBinary, .payload = message});
        for (int i = 0; i < count; ++i)
            speaker.expect(kBinary, message, "a member that does not read delays nobody");
    };
    say(kMessages);
    slow.send({.opcode = kPing, .payload = "now"});
    int before = 0;
    while (slow.receive("a pong").opcode != kPong) {
        // The others go on: what they say must not go before the pong again and again.
        if (++before % 10 == 0) say(1);
    }
    if (before > kMessages / 2) {
        fail("the pong before most of the messages", std::to_string(before) + " messages first",
             "RFC 6455, 5.5.2: answer a ping as soon as you can");
    }
}

TEST_SUITE_END();
