// The contract of the client of 04_handshake: its options, and the addresses that it takes.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

std::vector<std::string> client_of(const std::string& port,
                                   const std::vector<std::string>& options = {}) {
    return url_client_command(kStep, "ws://127.0.0.1:" + port + "/chat", options);
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("client sends binary messages with --binary") {
    Listener listener;
    Program client(client_of(listener.port(), {"--binary"}));
    WebSocket server = accept_websocket(listener);
    client.write_input("half \xd0\n");
    server.expect(kBinary, "half \xd0", "opcode 2: the bytes need not be UTF-8");
    server.send({.opcode = kBinary, .payload = std::string("\0\xff", 2)});
    client.expect_output(std::string("\0\xff\n", 3), "into a pipe, bytes go as they are");
}

TEST_CASE("client refuses a message of more than --max-message bytes") {
    Listener listener;
    Program client(client_of(listener.port(), {"--max-message", "1000"}));
    WebSocket server = accept_websocket(listener);
    server.send({.opcode = kText, .payload = std::string(1000, 'x')});
    client.expect_output(std::string(1000, 'x') + "\n", "the greatest length passes");
    server.send({.opcode = kText, .payload = "", .announced = 1001});
    server.expect_close(1009, "the header alone tells that it is too long");
    client.expect_exit(1, "say that it was too long");
}

TEST_CASE("client shows the handshake and each frame with --trace") {
    Listener listener;
    Program client(client_of(listener.port(), {"--trace"}));
    WebSocket server = accept_websocket(listener);
    server.send({.opcode = kText, .payload = "Hello"});
    client.expect_error(R"("GET /chat HTTP/1.1\r\n")", "the request, line by line");
    client.expect_error("\"HTTP/1.1 101", "the answer, line by line");
    client.expect_error("48 65 6c 6c 6f", "the payload in hex");
}

TEST_CASE("client takes addresses of both kinds and paths of all kinds") {
    if (!has_ipv6()) return;
    const Server server(kStep, {"--host", "::1", "--trace"});
    for (const auto& [path, target] : std::vector<std::pair<std::string, std::string>>{
             {"", "/"}, {"/", "/"}, {"?a=b", "/?a=b"}}) {
        Program client(url_client_command(kStep, "ws://[::1]:" + server.port() + path));
        client.write_input("exit\n");
        client.expect_exit(0, "an IPv6 address stands in brackets");
    }
    Program client(url_client_command(kStep, "ws://[::1]:" + server.port(), {"--trace"}));
    client.expect_error("\"Host: [::1]:" + server.port(), "in the Host field too");
    client.expect_error("\"GET / HTTP/1.1", "without a path the target is /");
}

TEST_CASE("client says what is wrong with an address") {
    for (const std::string url :
         {"wss://127.0.0.1/", "http://127.0.0.1/", "127.0.0.1:8004", "ws://", "ws://:8004/",
          "ws://127.0.0.1:x/", "ws://127.0.0.1:0/", "ws://127.0.0.1/#here", "ws://127.0.0.1/a b",
          "ws://127.0.0.1/ж", "ws://me@127.0.0.1/", "ws://127.0.0.1/\r\nEvil: yes"}) {
        Program client(url_client_command(kStep, url));
        client.expect_exit(1, "an address that cannot be used is an error: " + url);
        client.expect_error("04_handshake: ", "one line: what, and the reason");
    }
    Program client(url_client_command(kStep, "--no-such-option"));
    client.expect_exit(2, "bad usage");
    client.expect_error("usage: ", "and the usage line");
}

TEST_CASE("client gives up a server that never answers its close") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    client.write_input("exit\n");
    server.expect(kClose, close_payload(1000), "exit: a close frame");
    client.expect_exit(1, "wait for the server's close, but not for ever");
    client.expect_error("no close", "say so");
}

TEST_CASE("programs without some of the descriptors 0 to 2 do what they always do") {
    expect_closed_descriptors_harmless(
        kStep, [](const Server& server) { return client_of(server.port()); }, "hello\n");
}

TEST_CASE("programs that print to a full disk say so and exit with 1") {
    expect_lost_output_told(kStep, {{"--help"},
                                    {"client", "--help"},
                                    {"server", "--port", "0"},
                                    {"explain", "dGhlIHNhbXBsZSBub25jZQ=="}});
    Listener listener;
    Program client(onto_full_disk(client_of(listener.port())));
    WebSocket server = accept_websocket(listener);
    server.send({.payload = "hi"});
    expect_full_disk_told(kStep, client);
}

TEST_CASE("a reset after both close frames is a clean end") {
    Listener listener;
    Program client(client_of(listener.port(), {"--trace"}));
    WebSocket server = accept_websocket(listener);
    client.write_input("exit\n");
    server.expect(kClose, close_payload(1000), "exit: a close frame");
    server.send({.opcode = kClose, .payload = close_payload(1000)});
    // A reset that overtakes the frame would take it away.
    client.expect_error("← 127.0.0.1:" + listener.port() + "  close frame", "it has come");
    server.connection().reset();
    client.expect_exit(0, "all was said, and both have agreed to end");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("client leaves at once when nobody reads what it prints") {
    Listener listener;
    Program client(into_head(client_of(listener.port())));
    WebSocket server = accept_websocket(listener);
    server.send({.payload = "hi"});
    expect_end_without_reader(client, "hi\n");
}

TEST_CASE("client passes over interim answers before the 101") {
    Listener listener;
    Program client(client_of(listener.port()));
    Connection server = listener.accept();
    const HttpHead request = receive_head(server, "send the request at once");
    server.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    server.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_value(request.value("Sec-WebSocket-Key")) + "\r\n\r\n" +
        bytes_of({.payload = "hi"}, End::server));
    client.expect_output("hi\n", "RFC 9110, 15.2: 1xx come before the answer");
}

TEST_CASE("client that did not send a line exits with 1") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    client.write_input("half \xd0\nexit\n");
    server.expect(kClose, close_payload(1000), "exit: a close frame");
    server.send({.opcode = kClose, .payload = close_payload(1000)});
    server.connection().finish();
    client.expect_exit(1, "not everything was sent");
}

TEST_SUITE_END();
