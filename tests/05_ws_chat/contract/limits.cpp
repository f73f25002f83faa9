// The contract of the server of 05_ws_chat: its limits, and what follows from each.
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/certificate.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

const std::string kStep = "05_ws_chat";

// A new member sends `bytes`, and is sent away with `code`; the others notice nothing.
void expect_violation(const Server& server, std::vector<WebSocket>& members,
                      const std::string& bytes, int code, const std::string& hint,
                      Place place = Place::here()) {
    WebSocket rude(server, "/ws?name=rude", 0, place);
    rude.send_bytes(bytes, place);
    expect_sent_away(rude, code, hint, place);
    expect_heard(members, 0, "still there?", "none of it reaches the others", place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("text that is not UTF-8 sends its sender away with 1007 and nobody hears it") {
    const Server server(kStep);
    auto members = enter(server, 2);
    for (const std::string text :
         {"\xff", "a\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xd0"}) {
        expect_violation(server, members, bytes_of({.payload = text}), 1007,
                         "RFC 6455, 8.1: text is UTF-8");
    }
    expect_violation(server, members,
                     bytes_of({.payload = "a\xd0", .fin = false}) +
                         bytes_of({.opcode = kContinuation, .payload = "b"}),
                     1007, "a character may go on in the next fragment: this one does not");
}

TEST_CASE("a member that is sent away and goes on sending harms nobody") {
    const Server server(kStep);
    auto members = enter(server, 2);
    for (const int opcode : {kText, kBinary}) {
        WebSocket rude(server, "/ws");
        // Too long as a message, and no end of it: in fragments, and in one frame.
        const std::string piece =
            bytes_of({.opcode = opcode, .payload = text_of(2 << 20), .fin = false});
        rude.send_bytes(piece);
        for (int i = 0; i < 10; ++i) rude.connection().try_send(piece);
        expect_heard(members, 0, "still there?", "none of it reaches the others");
        rude.send_bytes(
            bytes_of({.opcode = kContinuation, .payload = text_of(2 << 20), .fin = false}));
        expect_heard(members, 1, "still there?", "none of it reaches the others");
    }
    expect_chat(server, "only the member that broke the rules is sent away");
}

TEST_CASE("a handshake that is not over within 10 s ends although bytes trickle in") {
    const Certificate own;
    std::optional<Server> secure;
    if (own.made())
        secure.emplace(kStep, std::vector<std::string>{"--cert", own.file(), "--key", own.key()});
    // Nothing that takes long lies between the connections and their end. And nobody reads what the
    // member is sent: no ping either.
    const Server server(kStep, {"--ping", "600"});
    auto members = enter(server, 1);
    std::optional<Connection> silent_in_tls;
    if (secure) silent_in_tls.emplace(*secure);
    Connection silent(server);
    Connection trickles(server);
    trickles.send("GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    const auto begin = Clock::now();
    // Sending fails some time after the other side has closed.
    while (trickles.try_send("x") > 0) {
        if (Clock::now() - begin > 16s)
            fail("the end after 10 s", "it goes on", "a deadline for all of it, not for each byte");
        pause_between_looks(200ms);
    }
    if (Clock::now() - begin < 8s) fail("10 s for a handshake", "less than 8", "not too strict");
    silent.receive_to_end(
        "a client that connects and says nothing must not keep a descriptor for ever");
    if (silent_in_tls) silent_in_tls->receive_to_end("nor one that does not begin with TLS");
    if (Clock::now() - begin > 16s) fail("the end after 10 s", "it goes on", "all within 10 s");
    expect_heard(members, 0, "still there?", "members of the room are not meant");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("text of the greatest length passes and a longer one is 1009") {
    const Server server(kStep, {"--max-text", "1000"});
    auto members = enter(server, 2);
    const std::string hint = "more than --max-text: 1009";
    expect_heard(members, 1, text_of(1000), "the name does not count");
    expect_violation(server, members, bytes_of({.payload = text_of(1001)}), 1009, hint);
    expect_violation(server, members,
                     bytes_of({.payload = text_of(600), .fin = false}) +
                         bytes_of({.opcode = kContinuation, .payload = text_of(401)}),
                     1009, "all fragments together");
    expect_violation(server, members,
                     bytes_of({.payload = "x", .announced = std::uint64_t{1} << 62}), 1009,
                     "the length is known before the payload has come");
    members[0].send({.opcode = kBinary, .payload = text_of(5000)});
    for (WebSocket& member : members)
        member.expect(kBinary, text_of(5000), "--max-text is for text");
}

TEST_CASE("a binary message of the greatest length passes and a longer one is 1009") {
    const Server server(kStep, {"--max-binary", "1000"});
    auto members = enter(server, 2);
    members[0].send({.opcode = kBinary, .payload = text_of(1000)});
    for (WebSocket& member : members) member.expect(kBinary, text_of(1000), "it is allowed");
    expect_violation(server, members, bytes_of({.opcode = kBinary, .payload = text_of(1001)}), 1009,
                     "more than --max-binary: 1009");
    expect_violation(server, members,
                     bytes_of({.opcode = kBinary, .payload = text_of(600), .fin = false}) +
                         bytes_of({.opcode = kContinuation, .payload = text_of(401)}),
                     1009, "all fragments together");
    expect_heard(members, 1, text_of(5000), "--max-binary is for binary messages");
}

TEST_CASE("without options 64 KiB of text and 1 MiB of bytes pass and no more") {
    const Server server(kStep);
    auto members = enter(server, 2);
    expect_heard(members, 0, text_of(65'536), "--max-text is 64 KiB by default");
    const std::string bytes = text_of(1 << 20);
    members[0].send({.opcode = kBinary, .payload = bytes});
    for (WebSocket& member : members) member.expect(kBinary, bytes, "1 MiB of bytes passes");
    expect_violation(server, members, bytes_of({.payload = text_of(65'537)}), 1009, "--max-text");
    expect_violation(server, members,
                     bytes_of({.opcode = kBinary, .payload = text_of((1 << 20) + 1)}), 1009,
                     "--max-binary");
}

TEST_CASE("a silent member is pinged and stays if it answers") {
    // A member has half of --ping for its answer, and this case may be held up for a second.
    const Server server(kStep, {"--ping", "4"});
    const auto begin = Clock::now();
    WebSocket answers(server, "/ws");
    WebSocket dead(server, "/ws");
    if (dead.receive("a ping after --ping seconds of silence").opcode != kPing)
        fail("a ping", "another frame", "nobody has said anything");
    const auto passed = Clock::now() - begin;
    if (passed < 3s || took_longer(passed, 7s))
        fail("a ping after 4 s", "too early or too late", "--ping 4");
    // Two rounds: a member whose pongs did not count would be gone after the first.
    for (int i = 0; i < 2; ++i) {
        const WebSocket::Arrived ping = answers.receive("a ping after --ping seconds of silence");
        if (ping.opcode != kPing) fail("a ping", ping.payload, "nobody has said anything");
        answers.send({.opcode = kPong, .payload = ping.payload});
    }
    answers.send({.payload = "still here"});
    expect_among_pings(answers, "User: still here", "a member that answers pings stays");
    dead.connection().receive_to_end("a member that is silent for 1.5 times --ping is gone");
}

TEST_CASE("a member that answers pings stays although they come every second") {
    const Server server(kStep, {"--ping", "1"});
    WebSocket answers(server, "/ws");
    for (int i = 0; i < 3; ++i) {
        const WebSocket::Arrived ping = answers.receive("a ping after --ping seconds of silence");
        if (ping.opcode != kPing) fail("a ping", ping.payload, "nobody has said anything");
        answers.send({.opcode = kPong, .payload = ping.payload});
    }
    answers.send({.payload = "still here"});
    expect_among_pings(answers, "User: still here", "leave time for the answer");
}

TEST_CASE("server out of descriptors neither ends nor spins and lets the next in when one leaves") {
    // Of 40 descriptors the server needs some itself: that many clients do not fit.
    Server server({"sh", "-c", "ulimit -n 40 && exec \"$0\" server --port 0 --max-clients 40",
                   path_of(kStep)});
    auto members = enter(server, 2);
    std::vector<Connection> more;
    for (int i = 0; i < 60; ++i) more.emplace_back(server);
    expect_heard(members, 0, "still there?", "EMFILE from accept is no reason to end");
    expect_idle(server, members[0].connection(), 1500ms,
                "after EMFILE the listener stays readable: leave it out for a while");
    Connection last = std::move(more.back());
    more.clear();
    last.send(websocket_request("/ws"));
    expect_open(receive_head(last, "accept again once somebody has left"), kKeys[0]);
    expect_heard(members, 1, "still there?", "EMFILE from accept is no reason to end");
    server.send_signal(SIGTERM);
    server.expect_exit(0, "SIGTERM ends the server");
}

TEST_CASE("server does not start when it may not have a descriptor for each client") {
    Program server({"sh", "-c", "ulimit -n 100 && exec \"$0\" server --port 0 --max-clients 101",
                    path_of(kStep)});
    server.expect_exit(1, "better now than when the clients are there");
    server.expect_error("05_ws_chat: --max-clients 101", "say what is too much");
    if (!server.output().empty()) fail("nothing on stdout", server.output(), "it does not listen");
}

TEST_CASE("server that may not have 10000 descriptors has room for fewer clients and says so") {
    Server server({"sh", "-c", "ulimit -n 100 && exec \"$0\" server --port 0", path_of(kStep)});
    server.expect_error(" clients", "say on stderr how many fit: getrlimit(RLIMIT_NOFILE)");
    expect_chat(server, "fewer than 10000 are enough for a start");
}

TEST_CASE("server raises its own limit of descriptors as far as it may") {
    Server server({"sh", "-c", "ulimit -S -n 40 && exec \"$0\" server --port 0 --max-clients 200",
                   path_of(kStep)});
    auto members = enter(server, 60);
    expect_heard(members, 0, "all are here", "setrlimit(RLIMIT_NOFILE), up to the hard limit");
}

TEST_SUITE_END();
