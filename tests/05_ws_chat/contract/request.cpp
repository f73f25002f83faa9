// The contract of the server of 05_ws_chat: which requests open a WebSocket, and what is said to
// all others. Source: RFC 6455, section 4.2; RFC 9112.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "05_ws_chat";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

// `request` without its header line `name`.
std::string without(std::string request, const std::string& name) {
    const std::size_t begin = request.find("\r\n" + name + ":") + 2;
    return request.erase(begin, request.find("\r\n", begin) + 2 - begin);
}

// A connection that has sent `bytes` comes to its end within 16 s.
struct Outsider {
    Connection connection;
    std::string what;
};

Outsider outsider(const Server& server, const std::string& what, const std::string& bytes) {
    Outsider one{Connection(server), what};
    one.connection.try_send(bytes);
    return one;
}

// 260 connections say `bytes` and stay, where there are 200 descriptors: others still get in.
void expect_not_locked_out(const std::string& bytes, Place place = Place::here()) {
    const std::string hint = "a connection that is not in the chat has a place for a short time";
    const Server server({"sh", "-c",
                         "ulimit -n 200 && exec \"$0\" server --port 0 --max-clients 60",
                         path_of(kStep)});
    auto members = enter(server, 2, place);
    std::vector<Connection> outside;
    for (int i = 0; i < 260; ++i) {
        outside.emplace_back(server);
        outside.back().try_send(bytes);
    }
    expect_heard(members, 0, "still there?", hint, place);
    expect_chat(server, hint, place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("a version of WebSocket that is not 13 is answered with 426 and the one that is known") {
    const Server server(kStep);
    const std::string line = "Sec-WebSocket-Version: 13";
    std::vector<std::string> requests{without(chat_request(server), "Sec-WebSocket-Version")};
    for (const std::string version : {"0", "7", "8", "12", "14", "25", "130", "013", "-1", "x", ""})
        requests.push_back(
            replaced(chat_request(server), line, "Sec-WebSocket-Version: " + version));
    for (const std::string& request : requests) {
        const HttpResponse answer = expect_refused(
            server, request, 426, "RFC 6455, 4.2.2: whatever is not 13 is not spoken here");
        expect_bytes("13", answer.head.value("Sec-WebSocket-Version"),
                     "RFC 6455, 4.4: say which version is known");
        expect_bytes("websocket", lower(answer.head.value("Upgrade")), "RFC 9110, 15.5.22");
    }
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a key that is not 16 bytes in Base64 is refused with 400") {
    const Server server(kStep);
    const std::string hint = "RFC 6455, 4.2.1: decoded it has 16 bytes";
    for (const std::string key :
         {"", "x", "AAAAAAAAAAAAAAAAAAAA", "dGhlIHNhbXBsZSBub25jZQ",
          "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZWU=", "dGhlIHNhbXBsZSBub25jZWVl",
          "dGhlIHNhbXBsZSBub25j*Q==", "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ=="}) {
        expect_refused(server, replaced(chat_request(server), std::string(kKeys[0].key), key), 400,
                       hint);
    }
    expect_refused(server, without(chat_request(server), "Sec-WebSocket-Key"), 400,
                   "there must be a key");
    expect_refused(server,
                   chat_request(server, "/ws", "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9YZrd92==\r\n"),
                   400, "RFC 6455, 11.3.1: there is one key");
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a request for the chat without a Host or with two or of HTTP/1.0 is refused with 400") {
    const Server server(kStep);
    const std::string good = chat_request(server);
    expect_refused(server, without(good, "Host"), 400, "RFC 9112, 3.2: there must be a Host");
    expect_refused(server, chat_request(server, "/ws", "Host: evil.example\r\n"), 400,
                   "RFC 9112, 3.2: and not more than one");
    expect_refused(server, replaced(good, "HTTP/1.1", "HTTP/1.0"), 400,
                   "RFC 6455, 4.2.1: HTTP/1.1 or higher");
    Connection asks(server);
    asks.send(replaced(good, "GET", "HEAD"));
    const HttpHead head = receive_head(asks, "RFC 6455, 4.2.1: with GET");
    if (head.status() != 405) fail("405", head.first_line, "RFC 6455, 4.2.1: with GET");
    expect_refused(server, replaced(good, "GET", "POST"), 405, "RFC 6455, 4.2.1: with GET");
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a subprotocol that nobody knows is not agreed to and the WebSocket opens") {
    const Server server(kStep);
    for (const std::string offer : {"mqtt", "chat", "a, b, c", "graphql-transport-ws"}) {
        // expect_admitted looks that the answer names none.
        WebSocket member = expect_admitted(
            server, chat_request(server, "/ws", "Sec-WebSocket-Protocol: " + offer + "\r\n"),
            "RFC 6455, 4.2.2: leave the field out if you agree to none");
        member.send({.payload = "in"});
        member.expect(kText, "User: in", "the client decides what to do without a subprotocol");
    }
}

TEST_CASE("an upgrade to anything but WebSocket is ignored") {
    const Server server(kStep);
    for (const std::string protocol : {"h2c", "HTTP/2.0", "TLS/1.0", "foo"}) {
        const std::string fields = " HTTP/1.1\r\nHost: localhost\r\nUpgrade: " + protocol +
                                   "\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                                   "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
        const std::string hint = "RFC 9110, 7.8: a server may ignore an upgrade";
        if (ask_last(server, "GET /" + fields, hint).head.status() != 200)
            fail("200", "another status", hint);
        expect_refused(server, "GET /ws" + fields, 426, "this is the chat, and nothing else");
    }
    expect_admitted(server,
                    replaced(chat_request(server), "Upgrade: websocket", "Upgrade: h2c, websocket"),
                    "the field is a list: take what you know");
}

TEST_CASE("a target in absolute form is taken") {
    const Server server(kStep);
    const std::string own = "http://" + server.host() + ":" + server.port();
    WebSocket member = expect_admitted(server, chat_request(server, own + "/ws?name=Ada"),
                                       "RFC 9112, 3.2.2: a server must accept it");
    member.send({.payload = "in"});
    member.expect(kText, "Ada: in", "path and query are behind the authority");
    const HttpResponse page =
        ask_last(server, "GET " + own + "/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "RFC 9112, 3.2.2");
    if (page.head.status() != 200) fail("200", page.head.first_line, "RFC 9112, 3.2.2");
}

TEST_CASE("headers of up to 16 KiB are taken and longer ones are answered with 431") {
    const Server server(kStep);
    for (const std::size_t size : {6U * 1024, 15U * 1024}) {
        expect_admitted(server,
                        chat_request(server, "/ws", "Cookie: " + std::string(size, 'c') + "\r\n"),
                        "a browser sends all cookies of the host, whatever its port");
    }
    const std::string many = "X-Long: " + std::string(4000, 'x') + "\r\n";
    for (const std::string& fields :
         {"Cookie: " + std::string(17 * 1024, 'c') + "\r\n", many + many + many + many + many}) {
        expect_refused(server, chat_request(server, "/ws", fields), 431,
                       "say so, and read on for a while, or a reset destroys the answer");
    }
    expect_chat(server, "nobody else notices");
}

TEST_CASE("an empty line before a request is skipped") {
    const Server server(kStep);
    expect_admitted(server, "\r\n" + chat_request(server), "RFC 9112, 2.2");
    if (ask_last(server, "\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "the page")
            .head.status() != 200)
        fail("200", "another status", "RFC 9112, 2.2");
}

TEST_CASE("CONNECT or an unknown method gets an answer and ends the connection") {
    const Server server(kStep);
    auto members = enter(server, 1);
    for (const std::string line : {"CONNECT /ws HTTP/1.1", "CONNECT localhost:80 HTTP/1.1",
                                   "BREW / HTTP/1.1", "get / HTTP/1.1", "GET  / HTTP/1.1"}) {
        Connection client(server);
        client.send(line + "\r\nHost: localhost\r\n\r\n");
        const HttpHead head = receive_head(client, "an answer, not silence");
        if (head.status() < 400) fail("a refusal", head.first_line, "RFC 9110, 15.5");
        client.receive_to_end("a tunnel that nobody asked us to build must not stay open");
    }
    expect_heard(members, 0, "still there?", "nobody else notices");
}

TEST_CASE("every connection that is not in the chat ends within 10 s whatever it says") {
    const Server server(kStep);
    auto members = enter(server, 1);
    const std::string host = "Host: localhost\r\n";
    std::vector<Outsider> outside;
    const auto add = [&](const std::string& what, const std::string& bytes) {
        outside.push_back(outsider(server, what, bytes));
    };
    add("nothing", "");
    add("half a request line", "GET /w");
    add("half a header", "GET /ws HTTP/1.1\r\n" + host + "X-Half: ");
    add("a body that does not come",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 1000\r\n\r\nfirst");
    add("chunks that do not end",
        "POST /ws HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    add("a CONNECT", "CONNECT localhost:80 HTTP/1.1\r\n" + host + "\r\n");
    add("the page, kept alive", "GET / HTTP/1.1\r\n" + host + "Connection: keep-alive\r\n\r\n");
    add("the chat without an upgrade", "GET /ws HTTP/1.1\r\n" + host + "\r\n");
    add("empty lines", "\r\n\r\n\r\n");
    const auto begin = std::chrono::steady_clock::now();
    for (Outsider& one : outside) {
        // An answer, or the end.
        (void)one.connection.wait_for_bytes(16s);
        one.connection.receive_to_end("all that is outside the chat has a deadline: " + one.what);
        if (std::chrono::steady_clock::now() - begin > 16s)
            fail("the end after 10 s", one.what + " goes on", "a deadline for everything");
    }
    expect_heard(members, 0, "still there?", "members of the room are not meant");
}

TEST_CASE("many clients that ask for a tunnel do not lock the others out") {
    expect_not_locked_out("CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST_CASE("many clients that connect and say nothing do not lock the others out") {
    expect_not_locked_out("");
}

TEST_CASE("many clients that ask for the page do not lock the others out") {
    expect_not_locked_out("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST_SUITE_END();
