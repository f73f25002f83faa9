// The contract of the server of 04_handshake: what a first WebSocket server does.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

// Opens a WebSocket with this key.
void expect_accept(const Server& server, const Key& key, Place place = Place::here()) {
    Connection client(server);
    client.send(websocket_request("/", key.key), place);
    expect_open(receive_head(client, "answer with 101", place), key, place);
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server says where it listens") {
    const Server server(kStep);
    expect_bytes("127.0.0.1", server.host(), "without --host, only this machine");
    const Connection client(server);
}

TEST_CASE("server answers the sample key of RFC 6455 with the sample accept value") {
    const Server server(kStep);
    expect_accept(server, kKeys[0]);
}

TEST_CASE("server accepts the course notes' key and answers with its accept value") {
    const Server server(kStep);
    // Its last letter has bits that stand for nothing: hash the text as it came, not what it means.
    expect_accept(server, kKeys[1]);
}

TEST_CASE("server goes on after clients have left") {
    const Server server(kStep);
    for (int i = 0; i < 3; ++i) expect_accept(server, kKeys[0]);
}

TEST_CASE("server computes the accept value of any key") {
    const Server server(kStep);
    for (const Key& key : kKeys) expect_accept(server, key);
}

TEST_CASE("server echoes a text message") {
    const Server server(kStep);
    WebSocket client(server);
    client.expect_echo(kText, "hello", "unmask the payload; send it back unmasked: 81 05 hello");
    client.expect_echo(kText, "hello again", "a connection carries any number of messages");
}

TEST_CASE("server echoes text that is not ASCII") {
    const Server server(kStep);
    WebSocket client(server);
    client.expect_echo(kText, "Привіт 👋 — κόσμε", "the length counts bytes, not characters");
}

TEST_CASE("server echoes a binary message as binary whatever its bytes are") {
    const Server server(kStep);
    WebSocket client(server);
    std::string bytes;
    for (int code = 0; code < 256; ++code) bytes += static_cast<char>(code);
    client.expect_echo(kBinary, bytes, "opcode 2 carries any bytes, and comes back as opcode 2");
}

TEST_CASE("server echoes an empty message") {
    const Server server(kStep);
    WebSocket client(server);
    const std::string hint =
        "a payload may have no byte: the 4 bytes of the masking key still come";
    client.expect_echo(kText, "", hint);
    client.expect_echo(kText, "", hint);
}

TEST_CASE("server echoes a message of 126 bytes") {
    const Server server(kStep);
    WebSocket client(server);
    client.expect_echo(kText, text_of(126), "from 126 bytes on the length stands in 2 more bytes");
}

TEST_CASE("server echoes a message of 65536 bytes") {
    const Server server(kStep);
    WebSocket client(server);
    client.expect_echo(kBinary, text_of(65536),
                       "from 65536 bytes on the length stands in 8 more bytes; recv returns a part "
                       "of the frame: read on until it is whole, and unmask on where the last part "
                       "has ended");
}

TEST_CASE("server echoes on any path") {
    const Server server(kStep);
    for (const std::string target : {"/chat", "/a/b?c=d&e", "/%D0%9F"}) {
        WebSocket client(server, target);
        client.expect_echo(kText, target, "every target is an echo");
    }
}

TEST_CASE("server answers a ping with a pong that has the same payload") {
    const Server server(kStep);
    WebSocket client(server);
    client.send({.opcode = kPing, .payload = "are you there?"});
    client.expect(kPong, "are you there?", "opcode 9 is a ping: send its payload back, opcode 10");
    client.expect_echo(kText, "hello", "a ping is no message");
}

TEST_CASE("server puts a message together from two fragments") {
    const Server server(kStep);
    WebSocket client(server);
    client.send_bytes(bytes_of({.payload = "frag", .fin = false}) + bytes_of({.opcode = kPing}) +
                      bytes_of({.opcode = kContinuation, .payload = "ment"}));
    const std::string hint =
        "keep the first opcode, gather the payloads until FIN, and answer a ping meanwhile";
    client.expect(kPong, "", hint);
    client.expect(kText, "fragment", hint);
    client.expect_echo(kText, "whole", "after the last fragment a new message begins");
}

TEST_CASE("server echoes a close frame and then ends the connection") {
    const Server server(kStep);
    WebSocket client(server);
    client.send({.opcode = kClose, .payload = close_payload(1000)});
    client.expect_close(1000, "send a close frame with the code that came: 88 02 03 e8");
}

TEST_CASE("server serves two clients at once") {
    const Server server(kStep);
    WebSocket first(server);
    WebSocket second(server);
    for (int i = 0; i < 3; ++i) {
        const std::string number = std::to_string(i);
        second.expect_echo(kText, "second " + number, "one client must not wait for another");
        first.expect_echo(kText, "first " + number, "one client must not wait for another");
    }
}

TEST_CASE("server shows a page to a browser that asks for /") {
    const Server server(kStep);
    Connection browser(server);
    browser.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n");
    const HttpHead head = receive_head(browser, "a plain request gets a page");
    if (head.status() != 200) fail("HTTP/1.1 200 OK", head.first_line, "GET / without Upgrade");
    if (!head.value("Content-Type").starts_with("text/html"))
        fail("Content-Type: text/html", head.fields, "or the browser shows the source");
    if (browser.receive(6, "a body follows the empty line").empty())
        fail("a page", "an empty body", "a body follows the empty line");
}

TEST_SUITE_END();
