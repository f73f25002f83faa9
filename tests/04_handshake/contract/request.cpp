// The contract of the server of 04_handshake: the request for a WebSocket.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/04_handshake/support/request.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::handshake;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("robust");

TEST_CASE("server takes a request byte by byte") {
    const Server server(kStep);
    Connection client(server);
    for (const char byte : websocket_request()) {
        client.send({&byte, 1});
        if (client.wait_for_bytes(1ms)) break;
    }
    expect_open(receive_head(client, "gather until the empty line"), kKeys[0]);
    WebSocket(std::move(client), End::client).expect_echo(kText, "hello", "echo");
}

TEST_CASE("server takes a request in two pieces wherever it is cut") {
    const Server server(kStep);
    const std::string request = websocket_request();
    for (std::size_t cut = 1; cut < request.size(); cut += 3) {
        Connection client(server);
        client.send(request.substr(0, cut));
        if (client.wait_for_bytes(1ms)) fail("silence", "bytes", "the request is not whole yet");
        client.send(request.substr(cut));
        expect_open(receive_head(client, "gather until the empty line"), kKeys[0]);
    }
}

TEST_CASE("server loses no frame that comes in the same segment as the request") {
    const Server server(kStep);
    Connection connection(server);
    connection.send(websocket_request() + bytes_of({.payload = "at once"}) +
                    bytes_of({.opcode = kPing, .payload = "and more"}));
    expect_open(receive_head(connection, "answer with 101"), kKeys[0]);
    WebSocket client(std::move(connection), End::client);
    const std::string hint = "what follows the empty line are frames: keep it for their reader";
    client.expect(kText, "at once", hint);
    client.expect(kPong, "and more", hint);
}

TEST_CASE("server finds tokens in any case and in lists and over several header lines") {
    const Server server(kStep);
    const std::vector<std::string> good{
        "upgrade: WebSocket\r\nCONNECTION: UPGRADE\r\n",
        "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n",
        "Upgrade: websocket\r\nConnection: keep-alive ,\tupgrade , close\r\n",
        "Upgrade: websocket\r\nConnection:,,Upgrade,\r\n",
        "Upgrade: websocket\r\nConnection: keep-alive\r\nX-Other: 1\r\nConnection: Upgrade\r\n",
        "Upgrade: h2c, websocket\r\nConnection: Upgrade\r\n",
        "Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
        "Upgrade:websocket\r\nConnection:\t Upgrade \t\r\n",
    };
    for (const std::string& lines : good) {
        Connection client(server);
        client.send(get(lines + kUnasked));
        const std::string hint =
            "RFC 9110, 5.6.1, allows this in a request: " + lab::visible(lines);
        expect_open(receive_head(client, hint), kKeys[0], hint);
    }
    Connection client(server);
    client.send("GET / HTTP/1.1\r\nhOST: x\r\n" + kUpgrade +
                "sec-websocket-KEY:dGhlIHNhbXBsZSBub25jZQ==  \r\nSEC-WEBSOCKET-VERSION:13\r\n\r\n");
    const std::string hint = "names of fields stand in any case";
    expect_open(receive_head(client, hint), kKeys[0], hint);
}

TEST_CASE("server agrees to no extension and to no subprotocol") {
    const Server server(kStep);
    Connection client(server);
    client.send(websocket_request("/", kKeys[0].key,
                                  "Sec-WebSocket-Extensions: permessage-deflate; "
                                  "client_max_window_bits\r\nSec-WebSocket-Protocol: chat, mqtt\r\n"
                                  "Origin: http://example.org\r\n"));
    expect_open(receive_head(client, "answer without the extensions that you do not speak"),
                kKeys[0]);
}

TEST_CASE("server answers 400 to a request without a key or with two or a bad one") {
    const Server server(kStep);
    const std::string hint = "the key is just one, 16 bytes in Base64";
    expect_refusal(server, get(kHost + kUpgrade + kVersion), {400}, hint);
    expect_refusal(server, get(kHost + kRest + kKey), {400}, hint);
    for (const std::string bad : {
             "",
             "=",
             "short",
             "dGhlIHNhbXBsZSBub25jZQ",        // the padding is missing
             "dGhlIHNhbXBsZSBub25jZQ=",       // half of it
             "dGhlIHNhbXBsZSBub25jZT1=",      // 17 bytes
             "dGhlIHNhbXBsZSBub25jZT1O",      // 18 bytes
             "dGhlIHNhbXBsZSBub25=====",      // three letters of padding too many
             "dGhlIHNhbXBsZSBub2==",          // 13 bytes
             "dGhlIHNhbXBsZSBub25jZWFhYQ==",  // 19 bytes
             "dGhlIHNhbXBsZSBub2-_ZQ==",      // the other alphabet, that of URLs
             "dGhlIHNhb=BsZSBub25jZQ==",
             "dGhlIHNhb BsZSBub25jZQ==",
             "dGhlIHNhbXBsZSBub25jZQ==, x3JJHMbDL1EzLkh9YZrd92==",
         }) {
        expect_refusal(server, with_key(bad), {400}, hint);
    }
}

TEST_CASE("server answers 426 with the version that it speaks to another version") {
    const Server server(kStep);
    const std::string without_version = kHost + kUpgrade + kKey + "Sec-WebSocket-Version: ";
    for (const std::string version : {"12", "8", "0", "14", "113", "13.0", "1", ""}) {
        const HttpHead head =
            expect_refusal(server, get(without_version + version + "\r\n"), {426}, "RFC 6455, 4.4");
        if (head.value("Sec-WebSocket-Version") != "13")
            fail("Sec-WebSocket-Version: 13", head.fields, "say which version would do");
    }
    expect_refusal(server, get(kHost + kUpgrade + kKey), {426, 400}, "the version is needed");
}

TEST_CASE("server opens no WebSocket for a request that does not ask for it in full") {
    const Server server(kStep);
    for (const std::string lines :
         {"Upgrade: websockets\r\nConnection: Upgrade\r\n",
          "Upgrade: h2c\r\nConnection: Upgrade\r\n",
          "Upgrade: websocket\r\nConnection: keep-alive\r\n", "Upgrade: websocket\r\n",
          "Connection: Upgrade\r\n", "Upgrade: websocket\r\nConnection: no-upgrade\r\n"}) {
        Connection client(server);
        client.send(request("GET /chat HTTP/1.1", lines + kUnasked));
        const HttpHead head = receive_head(client, "an answer in any case");
        if (head.status() < 400)
            fail("a refusal", head.first_line, "Upgrade and Connection are lists of tokens");
    }
}

TEST_SUITE_END();
