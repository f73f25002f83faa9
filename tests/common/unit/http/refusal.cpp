// Unit tests of the server's side of a connection: what is refused.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/connection.hpp"
#include "common/visible.hpp"
#include "tests/common/support/served.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using lab::test::last_response;
using lab::test::Place;
using lab::test::raw_request;
using lab::test::Served;
using State = http::Connection::State;
using namespace std::string_literals;

namespace {

// The head parser's refusal of a line that is not of HTTP.
const std::string kNoLine = "400 the request line is not: method, space, target, space, version\n";
const std::string kLongBody = "413 the body is longer than it may be\n";
const std::string kTarget = "400 the target is no path, or a % in it stands alone\n";

// The refusal of `stream`, after which nothing is read.
void expect_refused(std::string_view stream, const std::string& expected,
                    http::Connection::Limits limits = {}, Place place = Place::here()) {
    const std::string smuggled = raw_request("GET /smuggled");
    const std::string all = std::string(stream) + smuggled;
    for (const auto& pieces : lab::test::all_cuts(all)) {
        const std::string hint =
            "of " + lab::visible(stream) + " in " + std::to_string(pieces.size()) + " pieces";
        Served peer("", limits);
        for (const std::string_view piece : pieces) {
            peer.connection.receive(piece);
            expect_bytes("none", peer.next(), hint, place);
        }
        expect_bytes(expected, last_response(peer.take()), hint, place);
        peer.connection.receive(smuggled);
        expect_bytes("none", peer.next(), "nothing is read on, " + hint, place);
        expect_bytes("", peer.take(), "nothing more is said, " + hint, place);
        CHECK(peer.connection.state() == State::finished);
        CHECK(peer.connection.wants_more());  // what comes is thrown away
    }
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a request that breaks a rule of HTTP is refused and nothing behind it is read") {
    const std::string expectation = "417 no expectation but 100-continue is known here\n";
    const std::string coding = "501 no transfer coding but chunked is known here\n";
    const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"GET\r\n", kNoLine},
        {"GET / HTTP/1.1\n", "400 an LF stands alone: lines end with CRLF\n"},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", "400 an LF stands alone: lines end with CRLF\n"},
        {"GET / HTTP/1.1\r\nHost: a\r\n\n", "400 an LF stands alone: lines end with CRLF\n"},
        {"GET / HTTP/2.0\r\n", "505 HTTP/1.1 is spoken here\n"},
        {"GET / HTTP/1.1\r\n\r\n", "400 there is no Host\n"},
        {raw_request("GET /", "Host: b\r\n\r\n"), "400 there is more than one Host\n"},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
         "400 the Host is not a name or an address, with or without a port\n"},
        {raw_request("GET /", "Host : b\r\n\r\n"),
         "400 white space stands before the colon of a header line\n"},
        {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
         "400 the Host is not a name or an address, with or without a port\n"},
        {std::string(9000, 'M') + " / HTTP/1.1\r\n",
         "501 the method is longer than any that is known here\n"},
        {raw_request("GET *"), kTarget},
        {raw_request("GET http:///x"), kTarget},
        {raw_request("GET /#a"), kTarget},
        {raw_request("CONNECT a:80"), "501 no tunnels are made here\n"},
        {raw_request("GET a"), kTarget},
        {raw_request("GET /%"), kTarget},
        {raw_request("GET /?a=%zz"), kTarget},
        {raw_request("GET https://a/"), kTarget},
        {raw_request("POST /", "Content-Length: 4\r\n" + chunked + "0\r\n\r\n"),
         "400 there is a Content-Length beside the Transfer-Encoding\n"},
        {raw_request("POST /", "Content-Length: 4, 4\r\n\r\nbody"),
         "400 the Content-Length is not a number\n"},
        {raw_request("POST /", "Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody"),
         "400 there is more than one Content-Length\n"},
        {"POST / HTTP/1.0\r\n" + chunked + "0\r\n\r\n",
         "400 HTTP/1.0 knows no Transfer-Encoding\n"},
        {raw_request("POST /", "Transfer-Encoding: gzip, chunked\r\n\r\n"), coding},
        {raw_request("POST /", "Transfer-Encoding: gzip\r\n\r\n"),
         "400 the last transfer coding is not chunked: the body has no sure end\n"},
        {raw_request("POST /", chunked + "x\r\n"),
         "400 the size of a chunk is not a hexadecimal number\n"},
        {raw_request("POST /", chunked + "1\r\nab\r\n"), "400 a chunk is longer than it said\n"},
        {raw_request("GET /", "Expect: wonders\r\n\r\n"), expectation},
        {raw_request("POST /", "Expect:\r\nContent-Length: 4\r\n\r\nbody"), expectation},
        {raw_request("GET /", "Expect: 100-continued\r\n\r\n"), expectation},
        {"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n"s, kNoLine},  // a client of TLS
    };
    for (const auto& [stream, refusal] : cases) expect_refused(stream, refusal);
}

TEST_CASE("a request may be as long as the limits and no longer") {
    const http::Connection::Limits limits{.head = {.target = 10, .head = 100, .lone_lf = false},
                                          .body = 5};
    const auto of = [](const std::string& bytes, http::Connection::Limits of_peer) {
        return Served(bytes, of_peer).next();
    };
    const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
    CHECK(of(raw_request("GET /123456789"), limits) == "GET /123456789 \n");
    expect_refused(raw_request("GET /1234567890"),
                   "414 the target of the request is longer than 10 bytes\n", limits);
    const std::string line = raw_request("GET /", "X: ");
    const std::string x(100 - 4 - line.size(), 'x');
    CHECK(of(line + x + "\r\n\r\n", limits) == "GET / \n");
    expect_refused(line + x + "x\r\n\r\n", "431 the head is longer than 100 bytes\n", limits);
    CHECK(of(raw_request("PUT /", "Content-Length: 5\r\n\r\nhello"), limits) == "PUT / hello\n");
    expect_refused(raw_request("PUT /", "Content-Length: 6\r\n\r\nhello!"), kLongBody, limits);
    CHECK(of(raw_request("PUT /", chunked + "5\r\nhello\r\n0\r\n\r\n"), limits) == "PUT / hello\n");
    expect_refused(raw_request("PUT /", chunked + "5\r\nhello\r\n1\r\n!\r\n"), kLongBody, limits);
    // A client that waits for 100 Continue is spared the trouble.
    expect_refused(raw_request("PUT /", "Expect: 100-continue\r\nContent-Length: 6\r\n\r\n"),
                   kLongBody, limits);
}

TEST_CASE(
    "the limits are 8000 bytes for the target and 16384 for the head and 65536 for the body") {
    const auto target = [](std::size_t size) {
        return raw_request("GET /" + std::string(size - 1, 'x'));
    };
    const auto head = [](std::size_t size) {
        const std::string begin = raw_request("GET /", "X: ");
        return begin + std::string(size - 4 - begin.size(), 'x') + "\r\n\r\n";
    };
    const auto body = [](std::size_t size) {
        return raw_request("PUT /", "Content-Length: " + std::to_string(size) + "\r\n\r\n");
    };
    CHECK(Served(target(8000)).next().size() == 8000 + 6);
    expect_refused(target(8001), "414 the target of the request is longer than 8000 bytes\n");
    CHECK(Served(head(16'384)).next() == "GET / \n");
    expect_refused(head(16'385), "431 the head is longer than 16384 bytes\n");
    CHECK(Served(body(65'536) + std::string(65'536, 'x')).next().size() == 65'536 + 7);
    expect_refused(body(65'537), kLongBody);
}

TEST_CASE("a refusal comes after the answers that are owed before it") {
    Served peer(raw_request("GET /") + "GET\r\n" + raw_request("GET /smuggled"));
    CHECK(peer.next() == "GET / \n");
    peer.connection.respond({204, {}, "", ""});
    CHECK(peer.next() == "none");
    const std::string sent = peer.take();
    const std::string first = "HTTP/1.1 204 No Content\r\n\r\n";
    REQUIRE(sent.starts_with(first));
    expect_bytes(kNoLine, last_response(sent.substr(first.size())), "then");
}

TEST_CASE("a refused HEAD gets the head of the refusal alone") {
    expect_refused("HEAD / HTTP/1.1\r\n\r\n", "400 ");
    expect_refused("HEAD / HTTP/1.1\r\nHost\r\n", "400 ");
    expect_refused("HEAD /" + std::string(9000, 'x') + " HTTP/1.1\r\n", "414 ");
    expect_refused(raw_request("HEAD /%"), "400 ");
    expect_refused(raw_request("HEAD /", "Transfer-Encoding: chunked\r\n\r\nx\r\n"), "400 ");
    Served peer("HEAD / HTTP/1.1\r\n");
    peer.next();
    peer.connection.time_out();
    CHECK(last_response(peer.take()) == "408 ");
    // The next one is no HEAD.
    Served next(raw_request("HEAD /") + "GET\r\n");
    CHECK(next.next() == "GET / \n");
    next.connection.respond({204, {}, "", ""});
    next.take();
    CHECK(next.next() == "none");
    CHECK(last_response(next.take()) == kNoLine);
}

TEST_SUITE_END();
