// The contract of the server of 04_handshake: large messages, and what a peer can make it cost.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "04_handshake";

// `payload` in fragments of `size` bytes.
std::string in_fragments(int opcode, const std::string& payload, std::size_t size) {
    std::string bytes;
    for (std::size_t at = 0; at < payload.size(); at += size) {
        bytes += bytes_of({.opcode = at ? kContinuation : opcode,
                           .payload = payload.substr(at, size),
                           .fin = at + size >= payload.size()});
    }
    return bytes;
}

std::string repeated(const std::string& bytes, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += bytes;
    return all;
}

// A connection whose segments are as small as in a network of old: the kernel then keeps little of
// what the server sends.
Connection with_small_segments(const Server& server) {
    lab::FileDescriptor connection(lab::check("socket", socket(AF_INET, SOCK_STREAM, 0)));
    const int size = 536;
    setsockopt(connection.number(), IPPROTO_TCP, TCP_MAXSEG, &size, sizeof size);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(server.port())));
    inet_pton(AF_INET, server.host().c_str(), &address.sin_addr);
    lab::check("connect", connect(connection.number(), reinterpret_cast<const sockaddr*>(&address),
                                  sizeof address));
    return Connection(std::move(connection));
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("server echoes messages of 64 KiB to 16 MiB in one frame") {
    const Server server(kStep);
    WebSocket client(server);
    for (const std::size_t size :
         {64U << 10, 256U << 10, 1U << 20, 4U << 20, 8U << 20, 16U << 20}) {
        client.expect_echo(kText, text_of(size), "gather until the frame is whole");
        client.expect_echo(kBinary, text_of(size),
                           "send may take only a part: send the rest again");
    }
}

TEST_CASE("server echoes a message of 4 MiB in fragments of 64 bytes to 4 MiB") {
    const Server server(kStep);
    WebSocket client(server);
    const std::string payload = text_of(4 << 20);
    for (std::size_t size = 64; size <= payload.size(); size *= 4) {
        for (const int opcode : {kText, kBinary}) {
            client.send_bytes(in_fragments(opcode, payload, size));
            client.expect(opcode, payload, "fragments of " + std::to_string(size));
        }
    }
}

TEST_CASE("server echoes a message of 1 MiB that comes in pieces of 64 to 4096 bytes") {
    const Server server(kStep);
    WebSocket client(server);
    const std::string payload = text_of(1 << 20);
    for (const std::size_t size : {64U, 128U, 256U, 512U, 1024U, 2048U, 4096U}) {
        client.send_in_pieces(bytes_of({.payload = payload}), size, 0ms);
        client.expect(kText, payload, "pieces of " + std::to_string(size));
    }
}

TEST_CASE("server waits for a client that reads late and loses nothing") {
    const Server server(kStep);
    WebSocket client(server);
    const std::string payload = text_of(1 << 20);
    const std::string bytes = repeated(bytes_of({.opcode = kBinary, .payload = payload}), 64);
    const std::size_t sent = client.connection().send_until_full(bytes, 200ms);
    if (sent == bytes.size()) {
        fail("the server stops reading while its echo is not read", "it read all 64 MiB",
             "bound the bytes that wait for a client: while there are many, leave POLLIN out");
    }
    // A message that was sent in part is sent to its end.
    const std::size_t whole = sent / (bytes.size() / 64) + 1;
    client.send_bytes(std::string_view(bytes).substr(sent, whole * (bytes.size() / 64) - sent));
    for (std::size_t i = 0; i < whole; ++i)
        client.expect(kBinary, payload, "send may take only a part: send the rest again");
}

TEST_CASE("a client that does not read delays nobody") {
    const Server server(kStep);
    std::vector<WebSocket> never_read;
    const std::string pings = repeated(bytes_of({.opcode = kPing, .payload = text_of(125)}), 1000);
    for (const std::string& bytes :
         {repeated(bytes_of({.payload = text_of(1 << 18)}), 128),
          repeated(bytes_of({.payload = text_of(100)}), 200'000), repeated(pings, 150)}) {
        never_read.emplace_back(server, "/", 4096);
        if (never_read.back().connection().send_until_full(bytes, 100ms) == bytes.size())
            fail("the server stops reading", "it read all",
                 "bound the bytes that wait for a client");
        for (int i = 0; i < 50; ++i)
            expect_served(server, "send must not wait for a client: sockets do not block");
    }
}

TEST_CASE("a client that is refused gets to read why although it goes on sending") {
    const Server server(kStep);
    const std::string hint =
        "close with unread bytes sends a reset, which destroys what was sent last: shut down the "
        "sending side, read the rest, then close";
    Connection bad_request(server);
    WebSocket bad_frame(server);
    bad_request.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
    bad_frame.send({.payload = "x", .masked = false});
    for (int i = 0; i < 10; ++i) {
        for (Connection* const client : {&bad_request, &bad_frame.connection()}) {
            client->send(std::string(10'000, 'x'));
            (void)client->wait_for_bytes(5ms);
        }
    }
    if (receive_head(bad_request, hint).status() != 405) fail("405", "another answer", hint);
    bad_request.receive_line(hint);
    bad_request.expect_end(hint);
    bad_frame.expect_close(1002, hint);
}

TEST_CASE("a client that is refused does not keep its place by sending on and on") {
    const Server server(kStep);
    WebSocket endless(server);
    endless.send({.payload = "x", .masked = false});
    const std::string bytes(60'000, 'x');
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    Connection& connection = endless.connection();
    while (connection.try_send(bytes) > 0 || connection.can_send(1000ms)) {
        if (std::chrono::steady_clock::now() > deadline) {
            fail("the connection is closed", all_the_time("the server has read on"),
                 "a program that discards input needs one deadline for all of it");
        }
    }
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("memory is not taken on the word of a peer") {
    Server server(kStep);
    std::vector<WebSocket> clients;
    for (int i = 0; i < 100; ++i) {
        clients.emplace_back(server);
        // Within the limit: the server has to wait for it.
        clients.back().send({.opcode = kBinary, .payload = "x", .announced = 16 << 20});
    }
    for (int i = 0; i < 20; ++i) {
        WebSocket liar(server);
        liar.send({.payload = "x", .announced = 1ULL << 40});
        liar.expect_close(1009, "refuse it from the header");
    }
    expect_served(server, "others are served");
    expect_little_memory(server,
                         "let the message grow as its bytes come; a length is only a claim");
}

TEST_CASE("memory stays bounded when twenty clients never read") {
    Server server(kStep);
    std::vector<WebSocket> never_read;
    const std::string messages = repeated(bytes_of({.payload = text_of(10'000)}), 2000);
    const std::string pings = repeated(bytes_of({.opcode = kPing, .payload = "p"}), 500'000);
    for (int i = 0; i < 20; ++i) {
        never_read.emplace_back(server, "/", 4096);
        never_read.back().connection().send_until_full(i % 2 ? messages : pings, 30ms);
    }
    expect_served(server, "others are served");
    expect_little_memory(server, "while much waits for a client, read nothing from it");
}

TEST_CASE("memory stays bounded when a client reads and sends but never catches up") {
    Server server(kStep);
    Connection connection = with_small_segments(server);
    connection.send(websocket_request());
    expect_open(receive_head(connection, "answer with 101"), kKeys[0]);
    const std::string bytes = repeated(bytes_of({.payload = text_of(16'000)}), 64);
    std::size_t at = 0;
    std::size_t received = 0;
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (received < 150'000'000 && std::chrono::steady_clock::now() < deadline) {
        at = (at + connection.send_until_full(std::string_view(bytes).substr(at), 0ms)) %
             bytes.size();
        received += connection.try_receive().size();
    }
    if (received < 20'000'000) fail("an echo", "next to nothing", "read while you send");
    connection.reset();
    expect_little_memory(server, "free sent bytes even if others always wait");
}

TEST_CASE("memory of a large message is given back once it is echoed") {
    Server server(kStep);
    std::vector<WebSocket> clients;
    const std::string large = text_of(2 << 20);
    for (int i = 0; i < 50; ++i) {
        clients.emplace_back(server);
        clients.back().expect_echo(kBinary, large, "echo");
    }
    expect_little_memory(server, "a client that says nothing costs next to nothing");
}

TEST_SUITE_END();
