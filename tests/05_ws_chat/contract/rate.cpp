// The contract of the server of 05_ws_chat: how fast a member may speak, and how one who speaks too
// fast is sent away.
#include <doctest/doctest.h>

#include <string>

#include "common/visible.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";

// `count` messages that say their numbers, from 0 on: in one write, they come at one moment,
// however busy this machine is.
std::string numbers(int count) {
    std::string frames;
    for (int i = 0; i < count; ++i) frames += bytes_of({.payload = std::to_string(i)});
    return frames;
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("a member that exceeds its rate is sent away with 1008 after a burst of twice the rate") {
    const Server server(kStep, {"--rate", "5"});
    auto members = enter(server, 2);
    WebSocket hasty(server, "/ws?name=hasty");
    hasty.send_bytes(numbers(10));
    for (int i = 0; i < 10; ++i) {
        hasty.expect(kText, "hasty: " + std::to_string(i), "a burst of twice --rate is allowed");
        members[0].expect(kText, "hasty: " + std::to_string(i), "everyone hears everything");
    }
    hasty.send_bytes(numbers(40));
    WebSocket::Arrived frame = hasty.receive("1008");
    int passed = 0;
    for (; frame.opcode == kText; frame = hasty.receive("1008")) ++passed;
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1008)) ||
        frame.payload.size() == 2)
        fail("a close frame with 1008 and why", frame.payload, "excess: 1008");
    if (passed > 15) fail("a few of 40", std::to_string(passed), "--rate is messages a second");
    expect_chat(server, "only the member that is too fast is sent away");
}

TEST_CASE("without options a member may say 100 messages at once and not 400") {
    const Server server(kStep);
    WebSocket member(server, "/ws");
    for (int i = 0; i < 100; ++i) member.send({.payload = "x"});
    for (int i = 0; i < 100; ++i) member.expect(kText, "User: x", "50 a second, twice in a burst");
    for (int i = 0; i < 300; ++i) member.send({.payload = "x"});
    WebSocket::Arrived frame = member.receive("1008");
    while (frame.opcode == kText) frame = member.receive("1008");
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1008)))
        fail("a close frame with 1008", frame.payload, "--rate is 50 by default");
}

TEST_CASE("a member that is sent away first hears everything said before") {
    const Server server(kStep, {"--rate", "2"});
    WebSocket hasty(server, "/ws");
    hasty.send_bytes(numbers(8));
    for (int i = 0; i < 4; ++i)
        hasty.expect(kText, "User: " + std::to_string(i), "the messages that were allowed");
    const std::string hint = "then the reason why there are no more";
    WebSocket::Arrived frame = hasty.receive(hint);
    // A server that stands still for half a second among them may allow one more.
    for (int i = 4; frame.opcode == kText; frame = hasty.receive(hint))
        expect_bytes("User: " + std::to_string(i++), frame.payload, "in their order");
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1008)) ||
        frame.payload.size() == 2)
        fail("a close frame with 1008 and why", lab::visible(frame.payload), hint);
}

TEST_CASE("a member that is sent away in the middle of a message is read until it has answered") {
    const Server server(kStep, {"--rate", "1"});
    WebSocket hasty(server, "/ws");
    hasty.send_bytes(numbers(3));
    for (int i = 0; i < 2; ++i)
        hasty.expect(kText, "User: " + std::to_string(i), "a burst of twice --rate is allowed");
    const std::string hint =
        "wait for the answer to the close frame: a reset may overtake what was sent";
    const WebSocket::Arrived frame = hasty.receive(hint);
    if (frame.opcode != kClose) fail("a close frame", lab::visible(frame.payload), hint);
    for (int i = 0; i < 100; ++i) {
        if (!hasty.connection().send_and_keep(bytes_of({.payload = "on its way already"})))
            fail("a server that reads on", "the end of the connection", hint);
    }
    hasty.send({.opcode = kClose, .payload = close_payload(1008)});
    hasty.connection().expect_end(hint);
}

TEST_CASE("a member that is sent away and does not answer is not waited for without end") {
    const Server server(kStep, {"--rate", "1", "--max-clients", "2"});
    auto members = enter(server, 1);
    WebSocket hasty(server, "/ws");
    hasty.send_bytes(numbers(3));
    WebSocket::Arrived frame = hasty.receive("what was allowed");
    for (; frame.opcode == kText; frame = hasty.receive("1008")) {
    }
    for (const std::string text : {"User: 0", "User: 1"})
        members[0].expect(kText, text, "a burst of twice --rate is allowed");
    expect_heard(members, 0, "still there?", "the others go on");
    const std::string rest =
        hasty.connection().receive_to_end("after a while, end the connection all the same");
    expect_bytes("", rest, "RFC 6455, 5.5.1: after its close frame an endpoint sends no more");
    members.pop_back();
    expect_chat(server, "its place is free");
}

TEST_CASE("with a rate of 0 a member may say as much as it likes") {
    const Server server(kStep, {"--rate", "0"});
    auto members = enter(server, 2);
    for (int i = 0; i < 3000; ++i) members[0].send({.payload = std::to_string(i)});
    for (int i = 0; i < 3000; ++i) {
        for (WebSocket& member : members)
            member.expect(kText, "User: " + std::to_string(i), "--rate 0 is no limit");
    }
}

TEST_SUITE_END();
