// The contract of the server of 04_handshake: what HTTP asks of every server, whatever a request is
// for.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/04_handshake/support/request.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::handshake;

TEST_SUITE_BEGIN("robust");

TEST_CASE("server answers 400 to a request without a Host or with two") {
    const Server server(kStep);
    expect_refusal(server, get(kRest), {400}, "RFC 9112, 3.2");
    expect_refusal(server, get(kHost + kRest + kHost), {400}, "RFC 9112, 3.2");
    expect_refusal(server, get(""), {400}, "also when it asks for the page");
    expect_refusal(server, get(kHost + "host: other\r\n"), {400}, "in any case");
}

TEST_CASE("server answers 400 to a Host that names no server") {
    const Server server(kStep);
    for (const std::string host : {"a:8004", "127.0.0.1", "[::1]", "[::1]:8004", "A_b.%41"}) {
        Connection client(server);
        client.send(get("Host: " + host + "\r\n" + kRest));
        const std::string hint = "RFC 3986, 3.2.2, allows this Host: " + host;
        expect_open(receive_head(client, hint), kKeys[0], hint);
    }
    for (const std::string host : {"[::1", "::1", "a:b:c", "x:port", "x:99999", "%zz", "a b", "a/b",
                                   "a@b", "\x80", "\xd0\xbf"}) {
        for (const std::string& lines : {kRest, std::string()})
            expect_refusal(server, get("Host: " + host + "\r\n" + lines), {400}, "RFC 9112, 3.2");
    }
}

TEST_CASE("server takes a target in absolute form") {
    const Server server(kStep);
    for (const std::string target : {"http://localhost/", "HTTP://LocalHost:80/any?a=b",
                                     "http://[::1]:8004", "http://localhost?a=b"}) {
        Connection client(server);
        client.send(websocket_request(target));
        const std::string hint = "RFC 9112, 3.2.2, allows this target: " + target;
        expect_open(receive_head(client, hint), kKeys[0], hint);
    }
    for (const std::string target : {"http:///x", "http://a:b:c/", "http://", "nothing", "*"})
        expect_refusal(server, websocket_request(target), {400}, "RFC 9110, 4.2.1");
}

TEST_CASE("server answers 400 to a request whose body has no sure end") {
    const Server server(kStep);
    const std::string chunks = "Transfer-Encoding: chunked\r\n";
    for (const std::string& framing :
         {std::string("Content-Length: abc\r\n"), std::string("Content-Length: +5\r\n"),
          std::string("Content-Length: 5\r\nContent-Length: 6\r\n"),
          std::string("Content-Length: 18446744073709551621\r\n"),
          std::string("Transfer-Encoding: gzip\r\n"), chunks + "Content-Length: 5\r\n"}) {
        for (const std::string& lines : {kHost, kHost + kRest}) {
            expect_refusal(server, get(lines + framing) + "hello", {400}, "RFC 9112, 6.3");
            expect_refusal(server, request("POST / HTTP/1.1", lines + framing), {400},
                           "RFC 9112, 6.3, whatever is asked for");
        }
    }
}

TEST_CASE("a method that is too long is not called a target that is too long") {
    const Server server(kStep);
    for (const std::size_t size : {100U, 9000U, 30'000U}) {
        expect_refusal(server, request(std::string(size, 'M') + " / HTTP/1.1", kHost), {501, 400},
                       "RFC 9112, 3");
    }
}

TEST_CASE("each response says when it was made") {
    const Server server(kStep);
    for (const std::string& bytes : {request("GET / HTTP/1.1", kHost), get(kHost + kUpgrade),
                                     request("GET /nothing HTTP/1.1", kHost), get("")}) {
        Connection client(server);
        client.send(bytes);
        const std::string date = receive_head(client, "RFC 9110, 6.6.1").value("Date");
        if (date.size() != 29 || !date.ends_with(" GMT"))
            fail("Date: Sun, 06 Nov 1994 08:49:37 GMT", lab::visible(date), "RFC 9110, 6.6.1");
    }
}

TEST_CASE("server answers OPTIONS for itself as a whole") {
    const Server server(kStep);
    const HttpHead head =
        expect_refusal(server, request("OPTIONS * HTTP/1.1", kHost), {405}, "RFC 9110, 9.3.7");
    if (head.value("Allow").find("GET") == std::string::npos)
        fail("Allow: GET", head.fields, "say which protocol the client has to ask for");
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
                fail("Allow: GET", head.fields, "a 405 says which methods are allowed");
        }
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

TEST_CASE("server answers 414 to a target over 8000 bytes and takes one of 8000") {
    const Server server(kStep);
    const WebSocket longest(server, target_of_size(8000));
    const std::string hint = "bound the target: it may never end";
    expect_refusal(server, websocket_request(target_of_size(8001)), {414}, hint);
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
TEST_SUITE_BEGIN("own");

TEST_CASE("server finds the page's script by its path alone") {
    const Server server(kStep);
    for (const std::string target : {"/page.js?v=2", "http://localhost/page.js"}) {
        Connection client(server);
        client.send(request("GET " + target + " HTTP/1.1", kHost));
        const HttpHead head = receive_head(client, "the path says which file: " + target);
        if (head.status() != 200 || !head.value("Content-Type").starts_with("text/javascript"))
            fail("the script", head.first_line + head.fields,
                 "the path says which file: " + target);
    }
}

TEST_SUITE_END();
