// What our own 05_ws_chat must do beyond what its lesson asks of every program.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "05_ws_chat";

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("the page may load nothing from elsewhere and no script of a message") {
    const Server server(kStep);
    const HttpResponse answer =
        ask_last(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "the page");
    const std::string policy = answer.head.value("Content-Security-Policy");
    if (policy.empty() || policy.find("'unsafe-inline'") != std::string::npos) {
        fail("a Content-Security-Policy without 'unsafe-inline'", policy,
             "a message must never run as a script, even if the page has a fault");
    }
}

TEST_CASE("no browser guesses what the page is") {
    const Server server(kStep);
    const HttpResponse answer =
        ask_last(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "the page");
    if (answer.head.value("X-Content-Type-Options") != "nosniff")
        fail("X-Content-Type-Options: nosniff", answer.head.fields, "WHATWG, Fetch");
}

TEST_CASE("a page that asks for heartbeats gets an empty message at once and at each ping") {
    const Server server(kStep, {"--ping", "1"});
    WebSocket page(server, "/ws?heartbeat=1");
    for (int beats = 0; beats < 3;) {
        const WebSocket::Arrived frame = page.receive("a heartbeat at once, and at each ping");
        if (frame.opcode == kPing) {
            page.send({.opcode = kPong, .payload = frame.payload});
        } else {
            if (frame.opcode != kText || !frame.payload.empty())
                fail("an empty text message", frame.payload, "no message of the chat is empty");
            ++beats;
        }
    }
    WebSocket other(server, "/ws");
    other.send({.payload = "hi"});
    expect_among_pings(other, "User: hi", "without ?heartbeat there are none");
}

TEST_CASE("a server that stood still when it had to ping or to read a pong sends nobody away") {
    const Server server(kStep, {"--ping", "2"});
    WebSocket answers(server, "/ws");
    const WebSocket::Arrived ping = answers.receive("a ping after --ping seconds of silence");
    WebSocket silent(server, "/ws");
    server.pause();
    answers.send({.opcode = kPong, .payload = ping.payload});
    // Then one has been silent for long and was not asked, and the other one's pong is there for as
    // long and was not read.
    if (silent.connection().wait_for_bytes(3500ms))
        fail("silence", "bytes", "it was stopped before");
    server.send_signal(SIGCONT);
    if (silent.receive("ping a member before you send it away").opcode != kPing)
        fail("a ping", "another frame", "a member that was not asked cannot have answered");
    silent.send({.opcode = kPong, .payload = ping.payload});
    silent.send({.payload = "still here"});
    for (WebSocket* const member : {&silent, &answers})
        expect_among_pings(*member, "User: still here", "a member that answers pings stays");
}

TEST_CASE("a proxy that the environment names is not asked and not spoken of") {
    for (const std::string proxy : {"", "127.0.0.1:1", "http://127.0.0.1:1/"}) {
        setenv("http_proxy", proxy.c_str(), 1);
        setenv("socks_proxy", proxy.c_str(), 1);
        Server server(kStep);
        Program client(url_client_command(kStep, "ws://127.0.0.1:" + server.port() + "/ws"));
        client.write_input("hi\nexit\n");
        client.expect_exit(0, "the chat is on this machine");
        CHECK(client.output() == "User: hi\n");
        CHECK(client.errors().empty());
        CHECK_MESSAGE(server.errors().find("proxy") == std::string::npos, server.errors());
    }
    unsetenv("http_proxy");
    unsetenv("socks_proxy");
}

TEST_SUITE_END();
