// The contract of the server of 05_ws_chat: many members, and much at once.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
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

TEST_CASE("200 members say 20 messages each at once and all hear all of them in one order") {
    const Server server(kStep);
    constexpr int kMembers = 200;
    constexpr int kMessages = 20;
    auto members = enter(server, kMembers);
    for (int m = 0; m < kMembers; ++m) {
        std::string all;
        for (int i = 0; i < kMessages; ++i)
            all += bytes_of({.payload = std::to_string(m) + " " + std::to_string(i)});
        members[static_cast<std::size_t>(m)].send_bytes(all);
    }
    const std::string hint = "one thread, or one lock, decides which message comes next, for all";
    std::map<int, int> next;
    std::string heard;
    for (int i = 0; i < kMembers * kMessages; ++i) {
        const std::string text = members[0].receive(hint).payload;
        const int speaker = std::atoi(text.c_str() + std::string("User: ").size());
        const std::string expected =
            "User: " + std::to_string(speaker) + " " + std::to_string(next[speaker]++);
        expect_bytes(expected, text, "each member's messages in the order it sent them");
        heard += bytes_of({.payload = text}, End::server);
    }
    for (std::size_t m = 1; m < members.size(); ++m) members[m].connection().expect(heard, hint);
}

TEST_CASE("a message of 1 MiB arrives whole while others chat and pings come between its frames") {
    const Server server(kStep);
    auto members = enter(server, 4);
    const std::string large = text_of(1 << 20);
    const std::string whole = bytes_of({.opcode = kBinary, .payload = large});
    members[0].send_bytes(whole.substr(0, 300'000));
    for (int i = 0; i < 20; ++i) {
        members[1].send({.payload = std::to_string(i)});
        for (std::size_t m = 1; m < members.size(); ++m) {
            members[m].expect(kText, "User: " + std::to_string(i),
                              "a message that is not whole yet must keep nobody waiting");
        }
    }
    members[0].send_bytes(whole.substr(300'000));
    for (WebSocket& member : members) member.send({.opcode = kPing, .payload = "ping"});
    members[2].send({.payload = "after"});
    for (std::size_t m = 0; m < members.size(); ++m) {
        std::vector<std::string> texts;
        std::string bytes;
        int pongs = 0;
        // Fragments of the large one, the pong, and the text, which must not come among fragments.
        bool inside = false;
        while (texts.empty() || texts.back() != "User: after" || bytes.size() < large.size() ||
               pongs == 0) {
            const WebSocket::Arrived frame = members[m].receive("all three come");
            if (frame.opcode == kPong) {
                ++pongs;
            } else if (frame.opcode == kText) {
                if (inside) fail("the rest of the message", frame.payload, "RFC 6455, 5.4");
                texts.push_back(frame.payload);
            } else {
                bytes += frame.payload;
                inside = !frame.fin;
            }
        }
        expect_bytes(large, bytes, "a control frame may come between fragments, never inside one");
        CHECK(texts.size() == (m == 0 ? 21 : 1));
    }
}

TEST_CASE("a reader in the middle of a large message gets pongs between frames only") {
    const Server server(kStep);
    auto members = enter(server, 1);
    WebSocket slow(server, "/ws", 65'536);
    const std::string large = text_of(1 << 20);
    // The kernel cannot take all of this for the slow one, who asks in the middle.
    for (int i = 0; i < 4; ++i) {
        members[0].send({.opcode = kBinary, .payload = large});
        members[0].expect(kBinary, large, "everyone hears everything");
    }
    std::string bytes;
    int pongs = 0;
    for (int frames = 0; bytes.size() < 4 * large.size() || pongs == 0; ++frames) {
        if (frames % 8 == 0) slow.send({.opcode = kPing, .payload = "ping"});
        // receive() fails when a header is not where it has to be.
        const WebSocket::Arrived frame = slow.receive("frames leave whole");
        if (frame.opcode == kPong) {
            expect_bytes("ping", frame.payload, "a pong has the payload of its ping");
            ++pongs;
        } else {
            bytes += frame.payload;
        }
    }
    expect_bytes(large + large + large + large, bytes, "nothing is lost or mixed");
}

TEST_CASE("members come and go by the hundred while others chat") {
    const Server server(kStep);
    auto members = enter(server, 2);
    for (int round = 0; round < 10; ++round) {
        std::vector<WebSocket> guests;
        for (int i = 0; i < 30; ++i) guests.emplace_back(server, "/ws?name=guest");
        expect_heard(members, 0, "round " + std::to_string(round), "everyone hears everything");
        for (WebSocket& guest : guests)
            guest.expect(kText, "User: round " + std::to_string(round), "guests hear it too");
        for (std::size_t i = 0; i < guests.size(); i += 3) guests[i].connection().reset();
        for (std::size_t i = 1; i < guests.size(); i += 3)
            guests[i].send({.opcode = kClose, .payload = close_payload(1000)});
    }
    expect_heard(members, 1, "still there?", "a member that has left vanishes from the room");
}

TEST_SUITE_END();
