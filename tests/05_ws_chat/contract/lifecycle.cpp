// The contract of the server of 05_ws_chat: how it begins, where it listens, and how it ends.
#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "05_ws_chat";

// The next frame is a close frame with 1001: the server does not wait for an answer now.
void expect_going_away(WebSocket& member, Place place = Place::here()) {
    const std::string hint = "RFC 6455, 7.4.1: 1001 is going away";
    const WebSocket::Arrived frame = member.receive(hint, place);
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1001)))
        fail("a close frame with 1001", frame.payload, hint, place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("SIGTERM ends the server within a second and tells each member with 1001") {
    Server server(kStep);
    auto members = enter(server, 20);
    members.back().send({.payload = "part", .fin = false});
    server.expect_clean_end();
    for (WebSocket& member : members) expect_going_away(member);
}

TEST_CASE("SIGTERM ends the server as soon as all have answered its close") {
    Server server(kStep);
    auto members = enter(server, 5);
    server.send_signal(SIGTERM);
    for (WebSocket& member : members) {
        expect_going_away(member);
        member.send({.opcode = kClose, .payload = close_payload(1001)});
        member.connection().expect_end("after the close frames the server ends TCP first");
    }
    server.expect_exit(0, "there is nobody left to be waited for", 500ms);
}

TEST_CASE("nobody enters a chat that ends") {
    Server server(kStep);
    auto members = enter(server, 1);
    Connection late(server);
    const std::string request = chat_request(server);
    late.send(request.substr(0, request.size() - 2));
    expect_heard(members, 0, "still there?",
                 "a client that has connected meanwhile is accepted by now");
    server.send_signal(SIGTERM);
    expect_going_away(members[0]);
    (void)late.send_and_keep(request.substr(request.size() - 2));
    const std::string answer = late.receive_to_end("the server ends");
    if (answer.starts_with("HTTP/1.1 101"))
        fail("a refusal, or the end", answer,
             "a client that is let in now is told nothing of the end");
    server.expect_exit(0, "SIGTERM ends the server");
}

TEST_CASE("SIGTERM ends the server with 1000 members although some do not read") {
    Server server(kStep);
    std::vector<WebSocket> members;
    for (int i = 0; i < 1000; ++i) members.emplace_back(server, "/ws", i % 100 == 0 ? 4096 : 0);
    // Every hundredth reads nothing of all this: the kernel takes a part, and the rest waits.
    const std::string message = text_of(1000);
    for (std::size_t i = 0; i < 90; ++i) members[1].send({.payload = message});
    server.expect_clean_end();
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i % 100 == 0) continue;
        WebSocket::Arrived frame = members[i].receive("what was said first");
        while (frame.opcode == kText) frame = members[i].receive("then 1001");
        if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1001)))
            fail("a close frame with 1001", frame.payload, "every member that reads gets 1001");
    }
}

TEST_CASE("SIGTERM ends the server while others are in the middle of a request") {
    Server server(kStep);
    auto members = enter(server, 2);
    const Connection silent(server);
    Connection asks(server);
    asks.send("GET /ws HTTP/1.1\r\nHost: ");
    WebSocket in_frame(server, "/ws");
    in_frame.send({.payload = "x", .announced = 10'000});
    server.expect_clean_end();
    for (WebSocket& member : members) expect_going_away(member);
    expect_going_away(in_frame);
}

TEST_CASE("SIGTERM lets no member miss the close whose bytes are still under way") {
    Server server(kStep);
    auto members = enter(server, 1);
    server.pause();
    std::string bytes;
    for (int i = 0; i < 60; ++i) bytes += bytes_of({.payload = text_of(1000)});
    members[0].connection().send_until_full(bytes, 100ms);
    server.send_signal(SIGTERM);
    server.send_signal(SIGCONT);
    const std::string hint =
        "close with unread bytes sends a reset, which destroys what was sent last: read on until "
        "the member answers, or until time is up";
    WebSocket::Arrived frame = members[0].receive(hint);
    while (frame.opcode == kText) frame = members[0].receive(hint);
    if (frame.opcode != kClose) fail("a close frame", frame.payload, hint);
    server.expect_exit(0, "SIGTERM ends the server", kEnd);
}

TEST_CASE("SIGTERM ends the server at whatever moment it comes") {
    for (int i = 0; i < 15; ++i) {
        Server server(kStep);
        Connection client(server);
        client.send(websocket_request("/ws"));
        if (i % 2) client.try_send(bytes_of({.payload = text_of(50'000)}));
        if (i % 3 == 0) (void)client.wait_for_bytes(std::chrono::milliseconds(i));
        server.expect_clean_end();
    }
}

TEST_CASE("SIGINT ends the server as SIGTERM does") {
    Server server(kStep);
    auto members = enter(server, 1);
    server.send_signal(SIGINT);
    server.expect_exit(0, "Ctrl-C sends SIGINT: handle both", kEnd);
    expect_going_away(members[0]);
}

TEST_CASE("server starts again at once on the port that it has just used") {
    std::string port;
    {
        Server server(kStep);
        port = server.port();
        auto members = enter(server, 2);
        server.expect_clean_end();
        // A connection that ends with something unread is reset, and leaves nothing in TIME_WAIT.
        for (WebSocket& member : members)
            member.connection().receive_to_end("the server ends its connections");
    }
    const Server again({path_of(kStep), "server", "--port", port});
    expect_chat(again, "SO_REUSEADDR, before bind, lets connections in TIME_WAIT be");
}

TEST_CASE("server takes no processor time while nobody says anything") {
    const Server server(kStep);
    auto members = enter(server, 3);
    {
        // One who falls behind and leaves: after that nothing is left to be done for it.
        const WebSocket slow(server, "/ws", 4096);
        for (int i = 0; i < 80; ++i) {
            members[0].send({.opcode = kBinary, .payload = text_of(60'000)});
            for (WebSocket& member : members)
                member.expect(kBinary, text_of(60'000), "everyone hears everything");
        }
    }
    expect_heard(members, 1, "quiet now", "everyone hears everything");
    expect_idle(server, members[0].connection(), 1000ms,
                "something wakes the loop again and again");
}

TEST_CASE("server bound to one address is not reachable at another") {
    // With --port 0 the kernel may choose a port that another test's server has at ::1.
    const Server server(kStep, {"--host", "127.0.0.1", "--port", free_port()});
    expect_chat(server, "it is reachable at its own");
    const std::string hint = "the library takes all addresses for one, unless you bind yourself";
    if (is_reachable("127.0.0.2", server.port()))
        fail("nobody listens at 127.0.0.2", "somebody does", hint);
    if (is_reachable("::1", server.port())) fail("nobody listens at ::1", "somebody does", hint);
    std::vector<std::string> own = addresses_of("localhost");
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    for (const std::string& address : addresses_of(name.data())) own.push_back(address);
    for (const std::string& address : own) {
        if (address != "127.0.0.1" && is_reachable(address, server.port()))
            fail("nobody listens at " + address, "somebody does", hint);
    }
}

TEST_CASE("server listens on an IPv6 address and only there") {
    if (!has_ipv6()) return;
    // With --port 0 the kernel may choose a port that another test's server has at 127.0.0.1.
    const Server server(kStep, {"--host", "::1", "--port", free_port()});
    expect_chat(server, "take family, type and protocol from what getaddrinfo gives");
    if (is_reachable("127.0.0.1", server.port()))
        fail("nobody listens at 127.0.0.1", "somebody does", "IPV6_V6ONLY");
    expect_admitted(server,
                    chat_request(server, "/ws", "Origin: http://[::1]:" + server.port() + "\r\n"),
                    "the page of [::1] may connect to [::1]");
}

TEST_CASE("server listens on a host name") {
    const Server server(kStep, {"--host", "localhost"});
    expect_chat(server, "getaddrinfo resolves names");
}

TEST_CASE("server says that its port is taken and exits with 1") {
    expect_port_taken(kStep);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("server says that its certificate cannot be read and exits with 1") {
    Program server(
        {path_of(kStep), "server", "--port", "0", "--cert", "/nothing", "--key", "/nothing"});
    server.expect_exit(1, "better now than when the clients are there");
    server.expect_error("05_ws_chat: ", "one line on stderr says why");
}

TEST_CASE("bad usage exits with 2 and shows the usage line") {
    const std::vector<std::vector<std::string>> bad{
        {},
        {"serve"},
        {"server", "--port", "70000"},
        {"server", "--max-text", "-1"},
        {"server", "--max-binary", "many"},
        {"server", "--queue", "0"},
        {"server", "--rate", "-1"},
        {"server", "--max-clients", "0"},
        {"server", "--ping", "0"},
        {"server", "--allow-origin"},
        {"server", "--cert", "a.pem"},
        {"server", "--key", "a.pem"},
        {"server", "extra"},
    };
    expect_bad_usage(kStep, bad);
}

TEST_CASE("a server that is started with SIGINT ignored leaves it so") {
    expect_ignored_interrupt_harmless(kStep);
}

TEST_SUITE_END();
