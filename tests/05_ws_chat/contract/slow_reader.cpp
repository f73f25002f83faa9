// The contract of the server of 05_ws_chat: members who do not read, or not fast enough.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";
// Under a sanitizer much takes longer than the 20 s after which one who is silent is pinged.
const std::string kNoPing = "600";

// members[0] says `count` binary messages of `size` bytes, which all of `members` hear.
void say_much(std::vector<WebSocket>& members, int count, std::size_t size) {
    const std::string message = text_of(size);
    for (int i = 0; i < count; ++i) {
        members[0].send({.opcode = kBinary, .payload = message});
        for (WebSocket& member : members)
            member.expect(kBinary, message, "clients that read notice nothing");
    }
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("a member that never reads is cut off and delays nobody") {
    const Server server(kStep);
    auto members = enter(server, 5);
    // Of a fixed size: what lies in between is then soon full, and soon read in the end.
    WebSocket never_reads(server, "/ws", 65'536);
    // Each says no more than the default rate allows.
    const std::string message = text_of(60'000);
    for (int i = 0; i < 5 * 30; ++i) {
        const std::size_t speaker = static_cast<std::size_t>(i) % members.size();
        members[speaker].send({.opcode = kBinary, .payload = message});
        for (WebSocket& member : members)
            member.expect(kBinary, message,
                          "a member that does not read must not keep others waiting");
    }
    never_reads.connection().receive_to_end("a member that lags too far behind is cut off");
}

TEST_CASE("a member that reads slowly gets a message of the greatest length whole") {
    const Server server(kStep);
    auto members = enter(server, 1);
    WebSocket slow(server, "/ws", 65'536);
    const std::string large = text_of(1 << 20);
    for (int i = 0; i < 3; ++i) {
        members[0].send({.opcode = kBinary, .payload = large});
        members[0].expect(kBinary, large, "everyone hears everything");
        slow.expect(kBinary, large, "the queue has to hold at least the largest message");
    }
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("five members that never read are cut off and memory stays bounded past 75 MB") {
    Server server(kStep, {"--rate", "0", "--ping", kNoPing});
    auto members = enter(server, 2);
    std::vector<WebSocket> never_read;
    for (int i = 0; i < 5; ++i) never_read.emplace_back(server, "/ws");
    say_much(members, 1250, 60'000);
    for (WebSocket& member : never_read)
        member.connection().receive_to_end("more than --queue waits for it: end the connection");
    members.clear();
    expect_little_memory(server, "one log for all, forgotten up to the slowest who is still there");
}

TEST_CASE("a flood of tiny messages takes no more memory than one of long ones") {
    Server server(kStep, {"--rate", "0", "--ping", kNoPing});
    auto members = enter(server, 2);
    const WebSocket never_reads(server, "/ws", 4096);
    std::string flood;
    std::string heard;
    for (int i = 0; i < 10'000; ++i) {
        flood += bytes_of({.opcode = kBinary, .payload = "x"});
        heard += bytes_of({.opcode = kBinary, .payload = "x"}, End::server);
    }
    for (int i = 0; i < 100; ++i) {
        members[0].send_bytes(flood);
        for (WebSocket& member : members)
            member.connection().expect(heard, "clients that read notice nothing");
    }
    members.clear();
    expect_little_memory(server, "count what a queued message costs beside its bytes");
}

TEST_CASE("a member that reads late gets every message in order") {
    const Server server(kStep,
                        {"--rate", "0", "--ping", kNoPing, "--queue", std::to_string(64 << 20)});
    auto members = enter(server, 2);
    WebSocket late(server, "/ws", 65'536);
    const std::string message = text_of(60'000);
    say_much(members, 140, message.size());
    for (int i = 0; i < 140; ++i)
        late.expect(kBinary, message, "go on where the kernel took no more, when it takes more");
}

TEST_CASE("a member that always lags behind costs no more than what it lacks") {
    Server server(kStep, {"--rate", "0", "--queue", std::to_string(16 << 20), "--ping", kNoPing});
    auto members = enter(server, 1);
    WebSocket late(server, "/ws", 65'536);
    const std::string message = text_of(60'000);
    // More than the kernel keeps for it lies between what is said and what it reads.
    for (int i = 0; i < 1000; ++i) {
        say_much(members, 1, message.size());
        if (i >= 80) late.expect(kBinary, message, "nothing may be lost on the way");
    }
    expect_little_memory(server,
                         "forget messages that all have received, even if some members always lag");
}

TEST_CASE("the messages of a member are not kept in memory when it falls silent") {
    Server server(
        kStep, {"--max-binary", std::to_string(6 << 20), "--queue", "9000000", "--ping", kNoPing});
    const std::string message = text_of(6 << 20);
    std::vector<WebSocket> members;
    for (int i = 0; i < 9; ++i) {
        members.emplace_back(server, "/ws");
        members.back().send({.opcode = kBinary, .payload = message});
        for (WebSocket& member : members)
            member.expect(kBinary, message, "everyone hears everything");
    }
    expect_little_memory(server, "give the memory of a long message back when it is published");
}

TEST_CASE(
    "a member that is sent away while a part of a frame waits for it gets the rest and the "
    "reason") {
    const Server server(kStep, {"--rate", "40", "--queue", std::to_string(16 << 20)});
    auto members = enter(server, 1);
    WebSocket slow(server, "/ws", 65'536);
    say_much(members, 70, 60'000);
    std::string hasty;
    for (int i = 0; i < 300; ++i) hasty += bytes_of({.payload = "x"});
    slow.send_bytes(hasty);
    const std::string hint = "the close frame goes behind the frame that is under way";
    WebSocket::Arrived frame = slow.receive(hint);
    for (; frame.opcode != kClose; frame = slow.receive(hint)) {
    }
    if (!frame.payload.starts_with(close_payload(1008)))
        fail("a close frame with 1008", lab::visible(frame.payload), hint);
}

TEST_CASE("a member is cut off when more than the queue waits for it") {
    Server server(kStep, {"--rate", "0", "--ping", kNoPing, "--queue", "100000"});
    auto members = enter(server, 2);
    WebSocket never_reads(server, "/ws");
    say_much(members, 140, 60'000);
    never_reads.connection().receive_to_end("more than --queue waits for it");
    server.expect_error("cut off", "say on stderr that somebody was cut off, and why");
}

TEST_SUITE_END();
