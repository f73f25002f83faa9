// Unit tests of the server's side of a connection: requests come out, in their order.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/connection.hpp"
#include "tests/common/support/served.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using lab::test::Outcome;
using lab::test::Place;
using lab::test::raw_request;
using lab::test::serve;
using lab::test::Served;
using State = http::Connection::State;

namespace {

constexpr std::size_t kMaxWaiting = 64 * 1024;
const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
const std::string kExpect = "Expect: 100-continue\r\n";

std::string answer(const std::string& body, const std::string& fields = "") {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
    return raw_request("POST " + path, fields + "Content-Length: " + std::to_string(body.size()) +
                                           "\r\n\r\n" + body);
}

void expect_served(std::string_view stream, const Outcome& expected, Place place = Place::here()) {
    for (const auto& pieces : lab::test::all_cuts(stream)) {
        const std::string hint = "in " + std::to_string(pieces.size()) + " pieces";
        const Outcome outcome = serve(pieces);
        expect_bytes(expected.requests, outcome.requests, "the requests, " + hint, place);
        expect_bytes(expected.sent, outcome.sent, "what was sent, " + hint, place);
    }
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("requests on one connection are handed out and answered alike however they are cut") {
    const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n3\r\na\r\n\r\n0\r\nA: b\r\n\r\n";
    expect_served(raw_request("GET /a?b=c&b=%20") + post("/p", "GET / HTTP/1.1\r\n\r\n") +
                      raw_request("POST /c", chunked) + raw_request("HEAD /h") + "\r\n\r\n" +
                      post("/empty", "") + raw_request("GET http://a/absolute") +
                      raw_request("OPTIONS *"),
                  {"GET /a [b=c] [b= ] \nPOST /p GET / HTTP/1.1\r\n\r\n\nPOST /c a\r\n\n"
                   "GET /h \nPOST /empty \nGET /absolute \n"
                   "OPTIONS * \n",
                   answer("/a") + answer("/p") + answer("/c") +
                       answer("/h").substr(0, answer("/h").size() - 2) + answer("/empty") +
                       answer("/absolute") + answer("*")});
}

TEST_CASE("the last request is the one that says close or is of HTTP/1.0") {
    const std::string smuggled = raw_request("GET /smuggled");
    const std::string close = "Connection: close\r\n";
    for (const std::string field :
         {"Connection: close\r\n\r\n", "connection: a ,\tCLOSE\r\n\r\n"}) {
        expect_served(raw_request("GET /a") + raw_request("GET /b", field) + smuggled,
                      {"GET /a \nGET /b \n", answer("/a") + answer("/b", close)});
    }
    expect_served("GET /a HTTP/1.0\r\n\r\n" + smuggled, {"GET /a \n", answer("/a", close)});
    expect_served("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + smuggled,
                  {"GET /a \n", answer("/a", close)});
    // Later versions are spoken to as HTTP/1.1, and only that token ends the connection.
    expect_served("GET /a HTTP/1.2\r\nHost:\r\nConnection: closed\r\n\r\n" + smuggled,
                  {"GET /a \nGET /smuggled \n", answer("/a") + answer("/smuggled")});
}

TEST_CASE("a connection says where it stands") {
    Served peer;
    http::Connection& connection = peer.connection;
    // The first request is waited for as one that has begun.
    CHECK(connection.state() == State::receiving);
    CHECK(peer.next() == "none");
    connection.receive("\r\n");
    CHECK(peer.next() == "none");
    CHECK(connection.state() == State::receiving);
    connection.receive("P");
    CHECK(peer.next() == "none");
    CHECK(connection.state() == State::receiving);
    connection.receive(post("/", "body").substr(1, 40));
    CHECK(peer.next() == "none");
    CHECK(connection.state() == State::receiving);
    connection.receive(post("/", "body").substr(41));
    CHECK(peer.next() == "POST / body\n");
    CHECK(connection.state() == State::owing);
    CHECK_FALSE(connection.has_outgoing());
    connection.respond({204, {}, "", ""});
    CHECK(connection.state() == State::idle);
    CHECK(connection.has_outgoing());
    expect_bytes("HTTP/1.1 204 No Content\r\n\r\n", peer.take(), "the answer");
    CHECK_FALSE(connection.has_outgoing());
    connection.receive("\r\n");
    CHECK(peer.next() == "none");
    CHECK(connection.state() == State::idle);
    connection.receive("G");
    CHECK(peer.next() == "none");
    CHECK(connection.state() == State::receiving);
    CHECK(connection.peer() == "peer");
}

TEST_CASE("a request waits until the one before it has been answered") {
    Served peer(raw_request("GET /1") + raw_request("GET /2") + raw_request("GET /3").substr(0, 9));
    CHECK(peer.next() == "GET /1 \n");
    CHECK(peer.next() == "none");
    peer.connection.receive(raw_request("GET /3").substr(9));
    CHECK(peer.next() == "none");
    CHECK(peer.connection.state() == State::owing);
    CHECK(peer.unsent().empty());
    peer.connection.respond({200, {}, "text/plain", "one"});
    CHECK(peer.next() == "GET /2 \n");
    CHECK(peer.next() == "none");
    peer.connection.respond({200, {}, "text/plain", "two"});
    CHECK(peer.next() == "GET /3 \n");
    peer.connection.respond({200, {}, "text/plain", "three"});
    CHECK(peer.next() == "none");
    expect_bytes(answer("one") + answer("two") + answer("three"), peer.take(), "in their order");
}

TEST_CASE("bytes behind a parked request are kept up to a bound") {
    Served peer(raw_request("GET /parked"));
    CHECK(peer.next() == "GET /parked \n");
    std::string behind;
    while (behind.size() < kMaxWaiting) {
        CHECK(peer.connection.wants_more());
        peer.connection.receive(post("/next", std::string(1000, 'x')));
        behind += post("/next", std::string(1000, 'x'));
    }
    CHECK_FALSE(peer.connection.wants_more());
    const std::size_t count = behind.size() / post("/next", std::string(1000, 'x')).size();
    for (std::size_t i = 0; i < count; ++i) {
        peer.connection.respond({204, {}, "", ""});
        CHECK(peer.next() == "POST /next " + std::string(1000, 'x') + "\n");
    }
    CHECK(peer.connection.wants_more());
    CHECK(peer.next() == "none");
}

TEST_CASE("a client that takes no answers gets no further ones") {
    std::string stream;
    for (int i = 0; i < 100; ++i) stream += raw_request("GET /");
    Served peer(stream);
    std::size_t answered = 0;
    while (peer.next() == "GET / \n") {
        peer.connection.respond({200, {}, "text/plain", std::string(10'000, 'x')});
        ++answered;
    }
    CHECK(answered == 7);
    CHECK_FALSE(peer.connection.wants_more());
    peer.connection.sent(peer.unsent().size() - (kMaxWaiting - 1));
    CHECK(peer.connection.wants_more());
    CHECK(peer.next() == "GET / \n");
    peer.connection.respond({204, {}, "", ""});
    CHECK(peer.next() == "none");
    peer.take();
    CHECK(peer.next() == "GET / \n");
}

TEST_CASE("a client that waits for 100 Continue is told once to go on") {
    Served peer(raw_request("POST /", kExpect + "Content-Length: 4\r\n\r\n"));
    CHECK(peer.next() == "none");
    CHECK(peer.announced());
    expect_bytes(kContinue, peer.take(), "RFC 9110, section 10.1.1");
    for (const std::string byte : {"b", "o", "d"}) {
        peer.connection.receive(byte);
        CHECK(peer.next() == "none");
    }
    CHECK(peer.next() == "none");
    CHECK_FALSE(peer.connection.has_outgoing());
    peer.connection.receive("y");
    CHECK(peer.next() == "POST / body\n");
    peer.connection.respond({204, {}, "", ""});
    expect_bytes("HTTP/1.1 204 No Content\r\n\r\n", peer.take(), "the answer is another one");
}

TEST_CASE("a client is told to go on after the answer to its request before") {
    Served peer(raw_request("GET /") + raw_request("POST /",
                                                   "expect: 100-CONTINUE\r\n"
                                                   "Transfer-Encoding: chunked\r\n\r\n"));
    CHECK(peer.next() == "GET / \n");
    CHECK_FALSE(peer.connection.has_outgoing());
    peer.connection.respond({204, {}, "", ""});
    CHECK(peer.next() == "none");
    expect_bytes("HTTP/1.1 204 No Content\r\n\r\n" + kContinue, peer.take(), "in this order");
    peer.connection.receive("0\r\n\r\n");
    CHECK(peer.next() == "POST / \n");
}

TEST_CASE("a client is not told to go on that has begun or need not or may not") {
    const auto told = [](const std::string& bytes) {
        Served peer(bytes);
        peer.next();
        return peer.take().starts_with(kContinue);
    };
    const std::string length = "Content-Length: 4\r\n\r\n";
    CHECK(told(raw_request("POST /", kExpect + length)));
    CHECK_FALSE(told(raw_request("POST /", length)));
    CHECK_FALSE(told(raw_request("POST /", kExpect + length + "b")));
    CHECK_FALSE(told(raw_request("POST /", kExpect + length + "body")));
    CHECK_FALSE(told(raw_request("POST /", kExpect + "\r\n")));
    CHECK_FALSE(told(raw_request("POST /", kExpect + "Content-Length: 0\r\n\r\n")));
    CHECK_FALSE(told("POST / HTTP/1.0\r\n" + kExpect + length));
    CHECK_FALSE(told(raw_request("POST /", kExpect + "Content-Length: 99999\r\n\r\n")));
    CHECK_FALSE(told(raw_request("POST /", kExpect + "Content-Length: x\r\n\r\n")));
    // A client that begins unasked is not told later either.
    Served peer(raw_request("POST /", kExpect + length + "bo"));
    peer.next();
    peer.connection.receive("d");
    peer.next();
    CHECK(peer.unsent().empty());
}

TEST_CASE("HEAD comes as GET and gets the head of the answer alone") {
    for (const int way : {0, 1}) {
        Served peer(raw_request("HEAD /a") + raw_request("GET /b"));
        CHECK(peer.next() == "GET /a \n");
        const http::Response response{200, {}, "text/plain", way == 0 ? "body" : ""};
        if (way == 0) peer.connection.respond(response);
        if (way == 1) peer.connection.respond({response, std::make_shared<std::string>("body")});
        CHECK(peer.connection.state() == State::idle);
        CHECK(peer.next() == "GET /b \n");
        peer.connection.respond({404, {}, "text/plain", "no"});
        const std::string head = answer("body").substr(0, answer("body").size() - 4);
        expect_bytes(head +
                         "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n"
                         "Content-Length: 2\r\n\r\nno",
                     peer.take(), "with the length of what GET would have got");
    }
}

TEST_CASE("an application refuses a request and the connection goes on") {
    Served peer(raw_request("PUT /") + raw_request("GET /next"));
    CHECK(peer.next() == "PUT / \n");
    peer.connection.respond(http::Refusal{405, "why", {{"Allow", "GET"}}});
    expect_bytes(
        "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\r\nwhy\n",
        peer.take(), "no rule of HTTP was broken");
    CHECK(peer.next() == "GET /next \n");
}

TEST_SUITE_END();
