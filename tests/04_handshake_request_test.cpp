// The contract of the server of 04_handshake: the request for a WebSocket, and other requests.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/visible.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/websocket_peer.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "04_handshake";
const std::string kHost = "Host: localhost\r\n";
const std::string kUpgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const std::string kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string kVersion = "Sec-WebSocket-Version: 13\r\n";

// What follows the Host in a request for a WebSocket.
const std::string kRest = kUpgrade + kKey + kVersion;
// A request for a WebSocket but for the lines that ask for it.
const std::string kUnasked = kHost + kKey + kVersion;

std::string request(const std::string& first_line, const std::string& lines) {
    return first_line + "\r\n" + lines + "\r\n";
}

// A GET request with these header lines.
std::string get(const std::string& lines) {
    return request("GET / HTTP/1.1", lines);
}

// A target of that many bytes.
std::string target_of_size(std::size_t size) {
    return std::string("/").append(size - 1, 'x');
}

// A request for a WebSocket with this key.
std::string with_key(const std::string& key) {
    return get(kHost + kUpgrade + kVersion + "Sec-WebSocket-Key: " + key + "\r\n");
}

// The answer must have one of these statuses, say why in one line of text, and then end in order.
HttpHead expect_refusal(Connection& client, const std::vector<int>& statuses,
                        const std::string& hint, Place place = Place::here()) {
    HttpHead head = receive_head(client, hint, place);
    if (std::ranges::find(statuses, head.status()) == statuses.end())
        fail("status " + std::to_string(statuses[0]), lab::visible(head.first_line), hint, place);
    if (!head.value("Content-Type").starts_with("text/plain"))
        fail("Content-Type: text/plain", head.fields, "say why, in one line of text", place);
    const std::string body = client.receive_line("say why, in one line of text", place);
    if (body.size() < 5) fail("a reason", lab::visible(body), "say why, in one line", place);
    client.expect_end("then close in order", place);
    return head;
}

// A new client with this request is refused so.
HttpHead expect_refusal(const Server& server, const std::string& bytes,
                        const std::vector<int>& statuses, const std::string& hint,
                        Place place = Place::here()) {
    Connection client(server);
    client.send(bytes, place);
    HttpHead head = expect_refusal(client, statuses, hint + ": " + bytes, place);
    expect_served(server, "only the one who is refused is sent away", place);
    return head;
}

}  // namespace

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
        expect_open(receive_head(client, "RFC 9110, 5.6.1: " + lines), kKeys[0]);
    }
    Connection client(server);
    client.send("GET / HTTP/1.1\r\nhOST: x\r\n" + kUpgrade +
                "sec-websocket-KEY:dGhlIHNhbXBsZSBub25jZQ==  \r\nSEC-WEBSOCKET-VERSION:13\r\n\r\n");
    expect_open(receive_head(client, "names of fields stand in any case"), kKeys[0]);
}

TEST_CASE("server agrees to no extension and to no subprotocol") {
    const Server server(kStep);
    Connection client(server);
    client.send(websocket_request("/", kKeys[0].key,
                                  "Sec-WebSocket-Extensions: permessage-deflate; "
                                  "client_max_window_bits\r\nSec-WebSocket-Protocol: chat, mqtt\r\n"
                                  "Origin: http://example.org\r\n"));
    expect_open(receive_head(client, "answer without what you do not speak"), kKeys[0]);
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

TEST_CASE("server answers 400 to a request without a Host or with two") {
    const Server server(kStep);
    expect_refusal(server, get(kRest), {400}, "RFC 9112, 3.2");
    expect_refusal(server, get(kHost + kRest + kHost), {400}, "RFC 9112, 3.2");
    expect_refusal(server, get(""), {400}, "also when it asks for the page");
    expect_refusal(server, get(kHost + "host: other\r\n"), {400}, "in any case");
}

TEST_CASE("server answers 400 to a malformed line") {
    const Server server(kStep);
    const std::string zero(1, '\0');
    const std::vector<std::string> bad_lines{"Host : localhost\r\n",
                                             "Host\t: localhost\r\n",
                                             "Host\r\n",
                                             ": localhost\r\n",
                                             kHost + " folded\r\n",
                                             kHost + "\tfolded\r\n",
                                             kHost + "X: a" + zero + "b\r\n",
                                             kHost + "X" + zero + ": a\r\n",
                                             kHost + "X: a\rb\r\n",
                                             kHost + "X\r: a\r\n",
                                             kHost + "X y: a\r\n",
                                             kHost + "X(y): a\r\n",
                                             kHost + "X: a\r\r\n",
                                             kHost + "X: \x01\r\n",
                                             kHost + "X: a\x7f\r\n",
                                             " " + kHost};
    for (const std::string& bad : bad_lines)
        expect_refusal(server, get(bad + kRest), {400}, "RFC 9112, 2.2 and 5");
    const std::vector<std::string> bad_first_lines{"GET",
                                                   "GET /",
                                                   "GET  HTTP/1.1",
                                                   "GET / HTTP/1",
                                                   "GET / HTTP/1.x",
                                                   "GET / http/1.1",
                                                   "GET /a b HTTP/1.1",
                                                   "GET / HTTP/1.1 ",
                                                   " GET / HTTP/1.1",
                                                   "G(T / HTTP/1.1",
                                                   "GET /\x01 HTTP/1.1",
                                                   "GET /" + zero + " HTTP/1.1",
                                                   "GET /\xd0\x9f HTTP/1.1",
                                                   "GET /\r HTTP/1.1",
                                                   "hello",
                                                   "\x16\x03\x01\x02"};
    for (const std::string& bad : bad_first_lines)
        expect_refusal(server, request(bad, kHost + kRest), {400}, "RFC 9112, 3");
}

TEST_CASE("server answers 405 with Allow to another method") {
    const Server server(kStep);
    for (const std::string method : {"POST", "PUT", "OPTIONS", "get"}) {
        for (const std::string& lines : {kHost, kHost + kRest}) {
            const HttpHead head = expect_refusal(server, request(method + " / HTTP/1.1", lines),
                                                 {405}, "RFC 6455, 4.1: the method is GET");
            if (head.value("Allow").find("GET") == std::string::npos)
                fail("Allow: GET", head.fields, "a 405 says what would do");
        }
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

TEST_CASE("server answers 505 to another version of HTTP") {
    const Server server(kStep);
    for (const std::string version : {"HTTP/2.0", "HTTP/0.9", "HTTP/3.1"}) {
        expect_refusal(server, request("GET / " + version, kHost + kRest), {505},
                       "HTTP/1.1 is spoken here");
    }
    expect_refusal(server, request("GET / HTTP/1.0", kHost + kRest), {505, 400, 426},
                   "HTTP/1.0 knows no upgrade: RFC 6455, 4.2.1");
}

TEST_CASE("server answers 414 to a target over 4 KiB and takes one of 4 KiB") {
    const Server server(kStep);
    const WebSocket longest(server, target_of_size(4096));
    const std::string hint = "bound the target: it may never end";
    expect_refusal(server, websocket_request(target_of_size(4097)), {414}, hint);
    expect_refusal(server, websocket_request(target_of_size(10'000)), {414}, hint);
    expect_refusal(server, "GET " + target_of_size(30'000), {414}, "a line without an end");
}

TEST_CASE("server answers 431 to a head over 16 KiB and takes one of 16 KiB") {
    const Server server(kStep);
    const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
    std::string lines;
    while (websocket_request().size() + lines.size() < 15'000) lines += line;
    const std::size_t rest = 16'384 - websocket_request().size() - lines.size();
    lines += "X: " + std::string(rest - 5, 'x') + "\r\n";
    Connection client(server);
    client.send(websocket_request("/", kKeys[0].key, lines));
    expect_open(receive_head(client, "a head of 16 KiB is taken"), kKeys[0]);

    const std::string hint = "bound the head: it may never end";
    expect_refusal(server, websocket_request("/", kKeys[0].key, "Y: 2\r\n" + lines), {431}, hint);
    expect_refusal(server, "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'), {431}, hint);
    std::string many = "GET / HTTP/1.1\r\n";
    while (many.size() < 20'000) many += line;
    expect_refusal(server, many, {431}, hint);
}

TEST_SUITE_END();
