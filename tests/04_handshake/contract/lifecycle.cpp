// The contract of the server of 04_handshake: peers who vanish, the end, and doing nothing.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "04_handshake";

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE(
    "server answers all requests before the client's half-close and then ends the connection") {
    const Server server(kStep);
    WebSocket client(server);
    const std::string large = text_of(300'000);
    client.send({.opcode = kBinary, .payload = large});
    client.send({.payload = "last words"});
    client.connection().finish();
    client.expect(kBinary, large, "recv returns 0 only after all that the client sent was read");
    client.expect(kText, "last words", "answer all of it before you end");
    client.connection().expect_end("nothing more can come: end the connection");

    Connection browser(server);
    browser.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    browser.finish();
    if (receive_head(browser, "the request was whole").status() != 200)
        fail("the page", "another answer", "a client may end its side after its request");
    Connection half(server);
    half.send("GET / HTTP/1.1\r\nHost: loc");
    half.finish();
    half.receive_to_end("the rest of the request cannot come: end the connection");
}

TEST_CASE("server survives clients that vanish at any moment of the request and of a frame") {
    const Server server(kStep);
    const std::string all = websocket_request() + bytes_of({.payload = text_of(200)});
    for (std::size_t end = 0; end <= all.size(); end += 10) {
        for (const bool reset : {false, true}) {
            Connection client(server);
            client.send(all.substr(0, end));
            if (reset) client.reset();
        }
    }
    expect_served(server, "an error of recv or send ends that connection only");
}

TEST_CASE("server survives clients that vanish while they are sent to") {
    const Server server(kStep);
    for (int i = 0; i < 5; ++i) {
        WebSocket rude(server, "/", 4096);
        rude.connection().try_send(bytes_of({.opcode = kBinary, .payload = text_of(8 << 20)}));
        rude.connection().reset();
        Connection gone(server);
        gone.try_send(websocket_request() + bytes_of({.opcode = kPing}));
        gone.finish();
        gone.reset();
    }
    expect_served(server, "ignore SIGPIPE: by default it ends the program");
}

TEST_CASE("server serves 200 clients at once and none of them gets another's echo") {
    const Server server(kStep);
    std::vector<WebSocket> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(server);
    const std::string hint = "each client has its own state";
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < clients.size(); ++i)
            clients[i].send({.payload = "client " + std::to_string(i)});
        for (std::size_t i = 0; i < clients.size(); ++i)
            clients[i].expect(kText, "client " + std::to_string(i), hint);
    }
}

TEST_CASE("server listens on an IPv6 address") {
    if (!has_ipv6()) return;
    const Server server(kStep, {"--host", "::1"});
    expect_served(server, "take family, type and protocol from what getaddrinfo gives");
}

TEST_CASE("SIGTERM ends the server with 200 clients within a second and tells each with 1001") {
    Server server(kStep);
    std::vector<WebSocket> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(server);
    // The last one has sent the beginning of a message, and of a frame.
    clients.back().send({.payload = "part", .fin = false});
    clients.back().send_bytes(bytes_of({.opcode = kContinuation, .payload = "more"}).substr(0, 8));
    clients.back().send_bytes("");
    server.expect_clean_end();
    for (WebSocket& client : clients)
        client.expect_close(1001, "RFC 6455, 7.4.1: 1001 is going away");
}

TEST_CASE("SIGTERM lets no client miss the close whose bytes are still under way") {
    Server server(kStep);
    WebSocket client(server);
    // After this the kernel takes much for the server, which then finds all of it with the signal.
    client.expect_echo(kBinary, text_of(8 << 20), "echo");
    server.pause();
    std::string bytes;
    for (int i = 0; i < 300; ++i) bytes += bytes_of({.payload = text_of(1000)});
    client.connection().send_until_full(bytes, 100ms);
    server.send_signal(SIGTERM);
    server.send_signal(SIGCONT);
    const std::string hint =
        "close with unread bytes sends a reset, which destroys what was sent last: read on until "
        "the client answers, or until time is up";
    WebSocket::Arrived frame = client.receive(hint);
    while (frame.opcode == kText) frame = client.receive(hint);
    if (frame.opcode != kClose) fail("a close frame", frame.payload, hint);
    client.connection().expect_end(hint);
    server.expect_exit(0, "SIGTERM ends the server", kEnd);
}

TEST_CASE("SIGTERM ends the server when all have answered its close") {
    Server server(kStep);
    std::vector<WebSocket> clients;
    for (int i = 0; i < 3; ++i) clients.emplace_back(server);
    const std::string request = websocket_request();
    Connection asks(server);
    asks.send(request.substr(0, 30));
    clients[0].expect_echo(kText, "all are here", "echo");
    server.send_signal(SIGTERM);
    for (WebSocket& client : clients) {
        const WebSocket::Arrived frame = client.receive("tell each with a close frame");
        if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1001)))
            fail("a close frame with 1001", frame.payload, "RFC 6455, 7.4.1");
        // A message that crosses the server's close on its way is not answered any more.
        client.send({.payload = "crossing"});
        client.send({.opcode = kClose, .payload = close_payload(1001)});
        client.connection().expect_end("after the close frames the server ends TCP first");
        client.connection().finish();
    }
    asks.try_send(request.substr(30));
    if (asks.receive_to_end("a connection in the middle of a request is ended")
            .starts_with("HTTP/1.1 101"))
        fail("no 101", "101", "a server that ends opens no WebSocket");
    server.expect_exit(0, "there is nobody left to be waited for", kEnd);
}

TEST_CASE("SIGTERM ends the server while peers do not read or are in the middle of a request") {
    Server server(kStep);
    const Connection silent(server);
    Connection asks(server);
    asks.send("GET / HTTP/1.1\r\nHost: ");
    Connection refused(server);
    refused.send("hello\r\n");
    WebSocket never_reads(server, "/", 4096);
    std::string bytes;
    for (int i = 0; i < 64; ++i) bytes += bytes_of({.payload = text_of(1 << 18)});
    never_reads.connection().send_until_full(bytes, 100ms);
    WebSocket closed(server);
    closed.send({.opcode = kClose, .payload = close_payload(1000)});
    WebSocket in_frame(server);
    in_frame.send({.payload = "x", .announced = 100'000});
    server.expect_clean_end();
    in_frame.expect_close(1001, "a client in the middle of a frame is told too");
}

TEST_CASE("SIGTERM ends the server at whatever moment it comes") {
    for (int i = 0; i < 20; ++i) {
        Server server(kStep);
        Connection client(server);
        client.send(websocket_request());
        if (i % 2) client.try_send(bytes_of({.payload = text_of(50'000)}));
        if (i % 3 == 0) (void)client.wait_for_bytes(std::chrono::milliseconds(i));
        server.expect_clean_end();
    }
}

TEST_CASE("SIGINT ends the server as SIGTERM does") {
    Server server(kStep);
    WebSocket client(server);
    server.send_signal(SIGINT);
    server.expect_exit(0, "Ctrl-C sends SIGINT: handle both", kEnd);
    client.expect_close(1001, "RFC 6455, 7.4.1: 1001 is going away");
}

TEST_CASE("server starts again at once on the port that it has just used") {
    std::string port;
    {
        Server server(kStep);
        port = server.port();
        expect_served(server, "echo");
        const WebSocket client(server);
        server.expect_clean_end();
    }
    const Server again({path_of(kStep), "server", "--port", port});
    expect_served(again, "SO_REUSEADDR, before bind, lets connections in TIME_WAIT be");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("server says that its port is taken and exits with 1") {
    expect_port_taken(kStep);
}

TEST_CASE("server takes no processor time while nobody says anything") {
    const Server server(kStep);
    WebSocket client(server);
    client.expect_echo(kText, "quiet now", "echo");
    // In each state that a client can be left in.
    WebSocket in_frame(server);
    in_frame.send({.payload = "x", .announced = 100});
    WebSocket never_reads(server, "/", 4096);
    never_reads.connection().send_until_full(
        bytes_of({.opcode = kBinary, .payload = text_of(15 << 20)}), 200ms);
    WebSocket half(server, "/", 4096);
    half.connection().send_until_full(bytes_of({.opcode = kBinary, .payload = text_of(15 << 20)}),
                                      1000ms);
    half.connection().finish();
    Connection page(server);
    page.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    (void)receive_head(page, "a page");
    WebSocket(server).connection().reset();
    expect_idle(
        server, client.connection(), 1000ms,
        "poll returns at once, for ever: a socket at its end stays readable until it is closed");
}

TEST_CASE("server out of descriptors neither ends nor spins and lets the next in when one leaves") {
    // 24 descriptors: enough for the server and some clients, not for 40.
    const Server server(
        {"sh", "-c", "ulimit -n 24 && exec \"$0\" server --port 0", path_of(kStep)});
    WebSocket client(server);
    std::vector<Connection> more;
    for (int i = 0; i < 40; ++i) more.emplace_back(server);
    client.expect_echo(kText, "still there?", "EMFILE from accept is no reason to end");
    expect_idle(server, client.connection(), 1000ms,
                "after EMFILE the listener stays readable: leave it out of poll for a while");
    Connection last = std::move(more.back());
    more.clear();
    last.send(websocket_request());
    expect_open(receive_head(last, "accept again once a client has left"), kKeys[0]);
}

TEST_CASE("a server that is started with SIGINT ignored leaves it so") {
    expect_ignored_interrupt_harmless(kStep);
}

TEST_SUITE_END();
