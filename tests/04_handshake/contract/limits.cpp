// The contract of the server of 04_handshake: its limits, its options, its trace.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

const std::string kStep = "04_handshake";

// The next client is refused with 503, a line of text, and the end.
void expect_full(const Server& server, Place place = Place::here()) {
    Connection client(server);
    client.try_send(websocket_request());
    const HttpHead head = receive_head(client, "tell a refused client why", place);
    if (head.status() != 503) fail("503", head.first_line, "no room: refuse the next", place);
    client.receive_line("say why, in one line of text", place);
    client.expect_end("then close in order", place);
}

// Waits until there is room for one more: it takes a moment until the server has let go of another.
WebSocket expect_room(const Server& server, Place place = Place::here()) {
    const auto deadline = Clock::now() + kDeadline;
    for (;;) {
        Connection client(server);
        client.try_send(websocket_request());
        const HttpHead head = receive_head(client, "answer the next client", place);
        if (head.status() == 101) return {std::move(client), End::client};
        if (Clock::now() > deadline) {
            fail("a free place for the next client", head.first_line,
                 "count the clients that are there, not all that ever came", place);
        }
        pause_between_looks();
    }
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("server takes a message of the greatest length and refuses a longer one") {
    const Server server(kStep, {"--max-message", "1000"});
    WebSocket client(server);
    for (const int opcode : {kText, kBinary})
        client.expect_echo(opcode, text_of(1000), "--max-message is the most that passes");
    const std::string part = bytes_of({.payload = text_of(600), .fin = false});
    client.send_bytes(part + bytes_of({.opcode = kContinuation, .payload = text_of(400)}));
    client.expect(kText, text_of(600) + text_of(400), "all fragments together");
    client.send_bytes(part + bytes_of({.opcode = kPing, .payload = text_of(125)}));
    client.expect(kPong, text_of(125), "the payload of a ping does not count");

    const std::string hint = "RFC 6455, 7.4.1: 1009 is a message too big";
    expect_failure(server, bytes_of({.payload = text_of(1001)}), 1009, hint);
    expect_failure(server, part + bytes_of({.opcode = kContinuation, .payload = text_of(401)}),
                   1009, "all fragments together");
    std::string many = bytes_of({.opcode = kBinary, .payload = "", .fin = false});
    for (int i = 0; i < 1001; ++i)
        many += bytes_of({.opcode = kContinuation, .payload = "x", .fin = false});
    expect_failure(server, many, 1009, "all fragments together");
}

TEST_CASE("server refuses a message that is too long from its header alone") {
    const Server server(kStep);
    for (const std::uint64_t length : {(std::uint64_t{16} << 20) + 1, std::uint64_t{1} << 32,
                                       std::uint64_t{1} << 40, (std::uint64_t{1} << 63) - 1}) {
        expect_failure(server, bytes_of({.payload = "", .announced = length}), 1009,
                       "the length stands in the header: do not wait for the payload");
    }
    expect_failure(server,
                   bytes_of({.payload = "x", .fin = false}) +
                       bytes_of({.opcode = kContinuation, .announced = (1ULL << 63) - 1}),
                   1009, "the sum of two lengths may overflow: subtract");
}

TEST_CASE("server takes no message but the empty one with --max-message 0") {
    const Server server(kStep, {"--max-message", "0"});
    WebSocket client(server);
    client.expect_echo(kText, "", "zero bytes are not more than zero");
    client.send({.payload = "x"});
    client.expect_close(1009, "one byte is more than zero");
}

TEST_CASE("one client too many gets 503 and the place of a client that leaves is free again") {
    const Server server(kStep, {"--max-clients", "3"});
    std::vector<WebSocket> clients;
    for (int i = 0; i < 2; ++i) clients.emplace_back(server);
    Connection silent(server);  // holds a place too
    expect_full(server);
    expect_full(server);
    for (WebSocket& client : clients)
        client.expect_echo(kText, "hello", "clients that are in stay");

    silent.reset();
    clients.push_back(expect_room(server));
    expect_full(server);
    clients[0].send({.opcode = kClose, .payload = close_payload(1000)});
    clients[0].expect_close(1000, "echo the close");
    clients[0].connection().finish();
    clients.push_back(expect_room(server));
}

TEST_CASE("a closed client that does not end its side loses its place all the same") {
    const Server server(kStep, {"--max-clients", "2"});
    WebSocket closed(server);
    closed.send({.opcode = kClose, .payload = close_payload(1000)});
    closed.expect_close(1000, "echo the close");
    Connection page(server);
    page.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    (void)receive_head(page, "a page");
    // Neither of them ends, and one goes on sending.
    const auto deadline = Clock::now() + kDeadline;
    while (closed.connection().try_send(std::string(1000, 'x')) > 0) {
        pause_between_looks();
        if (!page.is_silent()) (void)page.try_receive();
        if (Clock::now() > deadline) {
            fail("the connection is given up", all_the_time("the server has read on"),
                 "a program that discards input needs one deadline for all of it");
        }
    }
    const WebSocket one = expect_room(server);
    const WebSocket two = expect_room(server);
}

TEST_CASE("hundreds of refused clients that stay do not keep the others from their echo") {
    Server server(kStep, {"--max-clients", "1"});
    WebSocket client(server);
    std::vector<Connection> more;
    for (int i = 0; i < 300; ++i) more.emplace_back(server);
    for (int i = 0; i < 20; ++i)
        client.expect_echo(kText, "hello", "refusing one must not wait for it");
    more.clear();
    client.connection().reset();
    expect_room(server).expect_echo(kText, "hello", "the next client has a place");
}

TEST_CASE(
    "a request that takes over ten seconds gets 408 and loses its place although it trickles") {
    const Server server(kStep, {"--max-clients", "3"});
    WebSocket open(server);
    Connection silent(server);
    Connection trickles(server);
    const auto begin = Clock::now();
    trickles.send("GET / HTTP/1.1\r\nX: ");
    const std::string hint = "the deadline of the request is one: a byte does not put it off";
    while (!trickles.wait_for_bytes(200ms)) {
        trickles.try_send("x");
        if (Clock::now() - begin > 14s) fail("408 after 10 s", "nothing for 14 s", hint);
    }
    if (Clock::now() - begin < 9s)
        fail("408 after 10 s", "an answer before", "a slow client has ten seconds");
    for (Connection* const late : {&trickles, &silent}) {
        const HttpHead head = receive_head(*late, hint);
        if (head.status() != 408) fail("408", head.first_line, hint);
        late->receive_line("say why, in one line of text");
        late->expect_end("then close in order");
        late->finish();
    }
    const WebSocket one = expect_room(server);
    const WebSocket two = expect_room(server);
    open.expect_echo(kText, "hello", "the ten seconds are for the request alone");
}

TEST_CASE("trace shows each frame as hex under the names of its fields") {
    Server server(kStep, {"--trace"});
    WebSocket client(server, "/traced");
    client.expect_echo(kText, "Hi, Привіт", "echo");
    server.expect_error("GET /traced HTTP/1.1", "the request, line by line");
    server.expect_error("HTTP/1.1 101 ", "the answer too");
    server.expect_error("← 127.0.0.1:", "an arrow, and the client's address");
    server.expect_error("→ 127.0.0.1:", "an arrow, and the client's address");
    const std::string hint = "FIN and opcode, MASK and length, masking key, payload";
    server.expect_error("Hi, Привіт", hint);
    client.send({.opcode = kPing, .payload = "end"});
    client.expect(kPong, "end", "pong");
    server.expect_error("masking key", hint);

    // The frame from the client: 81 90, the key, and "Hi" masked is 7f 93.
    const std::string errors = server.errors();
    const std::size_t names = errors.find("FIN");
    const std::size_t begin = errors.rfind('\n', names) + 1;
    const std::size_t second = errors.find('\n', begin) + 1;
    const auto expect_under = [&](const std::string& name, const std::string& bytes) {
        const std::size_t column = errors.find(name, begin) - begin;
        if (errors.substr(second + column, bytes.size()) != bytes)
            fail(bytes + " under " + name, errors.substr(begin, 200), hint);
    };
    expect_under("FIN", "81");
    expect_under("MASK", "90");
    expect_under("masking key", "37 fa 21 3d");
    expect_under("payload", "7f 93 0d");
    for (const std::string part : {"ping", "pong"}) server.expect_error(part, "the opcode's name");
}

TEST_CASE("server shows no frame without --trace") {
    const Server server(kStep);
    WebSocket client(server);
    client.expect_echo(kText, "a secret", "echo");
    client.expect_echo(kText, "another", "echo");
    if (server.errors().find("a secret") != std::string::npos)
        fail("no payload on stderr", server.errors(), "--trace is what asks for it");
}

TEST_CASE("bad usage exits with 2 and shows the usage line") {
    const std::vector<std::vector<std::string>> bad{
        {},
        {"serve"},
        {"server", "--port", "70000"},
        {"server", "--max-message", "-1"},
        {"server", "--max-message", "many"},
        {"server", "--max-clients", "0"},
        {"server", "--max-clients"},
        {"server", "--trce"},
        {"server", "extra"},
    };
    expect_bad_usage(kStep, bad);
}

TEST_SUITE_END();
