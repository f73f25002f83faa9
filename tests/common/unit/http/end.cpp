// Unit tests of the server's side of a connection: how it comes to its end.
#include <doctest/doctest.h>

#include <string>

#include "common/http/connection.hpp"
#include "common/visible.hpp"
#include "tests/common/support/served.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using lab::test::last_response;
using lab::test::raw_request;
using lab::test::Served;
using State = http::Connection::State;
using namespace std::string_literals;

TEST_SUITE_BEGIN("unit");

TEST_CASE("a request that is not whole in time is refused") {
    const std::string late = "408 the request did not come to its end in time\n";
    for (const std::string& begin :
         {std::string(), "\r\n"s, "G"s, raw_request("GET /", ""),
          raw_request("PUT /", "Content-Length: 4\r\n\r\n"),
          raw_request("PUT /", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")}) {
        Served peer(begin);
        CHECK(peer.next() == "none");
        peer.connection.time_out();
        CHECK(peer.announced());
        CHECK(peer.connection.state() == State::finished);
        CHECK_MESSAGE(last_response(peer.take()) == late, lab::visible(begin));
        peer.connection.receive(raw_request("GET /smuggled"));
        CHECK(peer.next() == "none");
    }
}

TEST_CASE("a connection that is not used again ends in silence") {
    Served peer(raw_request("GET /"));
    CHECK(peer.next() == "GET / \n");
    peer.connection.time_out();
    CHECK(peer.connection.state() == State::owing);  // the time is the application's
    peer.connection.respond({204, {}, "", ""});
    peer.take();
    CHECK(peer.announced());
    peer.connection.time_out();
    CHECK(peer.announced());
    CHECK(peer.connection.state() == State::finished);
    CHECK(peer.take().empty());
    peer.connection.time_out();
    CHECK_FALSE(peer.announced());
    // Line ends behind a request are not the beginning of the next one.
    Served careless(raw_request("GET /"));
    CHECK(careless.next() == "GET / \n");
    careless.connection.respond({204, {}, "", ""});
    careless.take();
    for (const std::string byte : {"\r", "\n", "\r"}) {
        careless.connection.receive(byte);
        CHECK(careless.next() == "none");
        CHECK(careless.connection.state() == State::idle);
    }
    careless.connection.time_out();
    CHECK(careless.take().empty());
    // The second one has begun.
    Served second(raw_request("GET /") + "G");
    CHECK(second.next() == "GET / \n");
    second.connection.respond({204, {}, "", ""});
    second.take();
    CHECK(second.next() == "none");
    second.connection.time_out();
    CHECK(last_response(second.take()).starts_with("408 "));
}

TEST_CASE("a client for which there is no room is told when to come back") {
    Served peer;
    peer.connection.refuse_for_room();
    CHECK(peer.announced());
    CHECK(peer.connection.state() == State::finished);
    expect_bytes(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 19\r\n"
        "Connection: close\r\n\r\nthe server is full\n",
        peer.take(), "RFC 9110, section 15.6.4");
    peer.connection.receive(raw_request("GET /"));
    CHECK(peer.next() == "none");
}

TEST_CASE("a server that ends reads no more and sends everything it owes") {
    for (const std::string& begin :
         {""s, "\r\n"s, "G"s, raw_request("PUT /", "Content-Length: 4")}) {
        Served peer(begin);
        CHECK(peer.next() == "none");
        peer.connection.finish();
        CHECK(peer.announced());
        CHECK(peer.connection.state() == State::finished);
        CHECK(peer.unsent().empty());
        peer.connection.receive(raw_request("GET /"));
        CHECK(peer.next() == "none");
        peer.connection.finish();
        CHECK_FALSE(peer.announced());
    }
    Served parked(raw_request("GET /parked") + raw_request("GET /next"));
    CHECK(parked.next() == "GET /parked \n");
    parked.connection.finish();
    CHECK(parked.connection.state() == State::owing);
    CHECK_FALSE(parked.announced());
    parked.connection.respond({200, {}, "text/plain", "last"});
    CHECK(parked.connection.state() == State::finished);
    CHECK(last_response(parked.unsent()) == "200 last");
    CHECK(parked.next() == "none");
    parked.connection.finish();
    CHECK(last_response(parked.take()) == "200 last");
}

TEST_CASE("an aborted connection says and hears nothing more") {
    for (const std::string& begin : {""s, "G"s, raw_request("GET /"),
                                     raw_request("PUT /",
                                                 "Expect: 100-continue\r\n"
                                                 "Content-Length: 4\r\n\r\n")}) {
        Served peer(begin);
        peer.next();
        peer.announced();
        peer.connection.abort("it is a test");
        CHECK(peer.announced());
        CHECK(peer.connection.state() == State::aborted);
        CHECK_FALSE(peer.connection.has_outgoing());
        peer.connection.receive(raw_request("GET /"));
        CHECK(peer.next() == "none");
        peer.connection.time_out();
        peer.connection.finish();
        CHECK(peer.connection.state() == State::aborted);
        CHECK_FALSE(peer.connection.has_outgoing());
    }
}

TEST_SUITE_END();
