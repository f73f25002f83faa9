// The contract of the server of 07_longpoll: peers who vanish, doing nothing, and the end.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

// A client that waits is answered with nothing, and that is the last on the connection.
void expect_farewell(Caller& waiter, Place place = Place::here()) {
    const std::string hint = "a waiting client is answered when the server ends";
    expect_bytes("", texts_of(waiter.news(hint, place)), hint, place);
    waiter.connection().expect_end("then the end", place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("SIGTERM ends the server within a second and answers each waiting client") {
    Server server(kStep);
    std::vector<Caller> waiters;
    for (int i = 0; i < 200; ++i) {
        waiters.emplace_back(server);
        waiters.back().ask("after=0&wait=60");
    }
    settle(server);
    server.expect_clean_end();
    for (Caller& waiter : waiters) expect_farewell(waiter);
}

TEST_CASE("SIGTERM ends the server as soon as the last waiting client has gone") {
    Server server(kStep);
    std::vector<Caller> waiters;
    for (int i = 0; i < 5; ++i) {
        waiters.emplace_back(server);
        waiters.back().ask("after=0&wait=60");
    }
    settle(server);
    server.send_signal(SIGTERM);
    for (Caller& waiter : waiters) {
        expect_farewell(waiter);
        waiter.connection().finish();
    }
    server.expect_exit(0, "there is nobody left to be waited for", 500ms);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("SIGTERM ends the server while clients do not read or are in the middle of a request") {
    Server server(kStep, kLargeAnswers);
    Caller(server).post_much();
    const Connection silent(server);
    Connection asks(server);
    asks.send("GET /messages?after=0 HTTP/1.1\r\nHost: ");
    Connection posts(server);
    posts.send(post_request(text_of(1000)).substr(0, 500));
    Caller never_reads(server, 4096);
    never_reads.ask("after=0");
    Caller behind(server);
    behind.connection().send(news_request("after=140&wait=60") + post_request("never"));
    settle(server);
    server.expect_clean_end();
    expect_farewell(behind);
    if (asks.receive_to_end("a connection in the middle of a request is ended")
            .starts_with("HTTP/1.1 2"))
        fail("no answer", "one", "the request never came whole");
}

TEST_CASE("SIGTERM lets a client that reads receive its whole answer") {
    Server server(kStep, kLargeAnswers);
    Caller(server).post_much();
    Caller reads(server);
    reads.ask("after=0");
    // Its head has come: the rest is being sent.
    REQUIRE(reads.connection().wait_for_bytes(kDeadline));
    const auto begin = std::chrono::steady_clock::now();
    server.send_signal(SIGTERM);
    reads.connection().keep_to_end("SIGTERM ends the connection");
    // The server's second may be over before a slow case has read all of it.
    if (std::chrono::steady_clock::now() - begin < 600ms) {
        CHECK(reads.news("an answer that was begun is sent to its end").messages.size() ==
              Caller::kMuch);
    }
    server.expect_exit(0, "SIGTERM ends the server", kEnd);
}

TEST_CASE("server survives clients that vanish while they are sent to") {
    const Server server(kStep, kLargeAnswers);
    Caller(server).post_much();
    for (int i = 0; i < 10; ++i) {
        Caller rude(server, 4096);
        rude.ask("after=0");
        if (i % 2) (void)rude.connection().wait_for_bytes(1000ms);
        rude.connection().reset();
        Caller gone(server);
        gone.connection().try_send(post_request("x") + news_request("after=0"));
        gone.connection().finish();
        gone.connection().reset();
    }
    expect_chat(server, "ignore SIGPIPE: by default it ends the program");
}

TEST_CASE("server takes no processor time while nobody says anything") {
    const Server server(kStep, kLargeAnswers);
    Caller(server).post_much();
    // In each state that a client can be left in.
    Caller waits(server);
    waits.ask("after=140&wait=60");
    Caller behind(server);
    behind.connection().send(news_request("after=140&wait=60") + news_request("after=0") +
                             "GET /messages?after=0 HTTP/1.1\r\n");
    Connection asks(server);
    asks.send("GET /messages?after=0 HTTP/1.1\r\nHost: ");
    Connection posts(server);
    posts.send(post_request(text_of(1000)).substr(0, 500));
    Caller never_reads(server, 4096);
    never_reads.ask("after=0");
    Caller half(server, 4096);
    half.ask("after=0");
    half.connection().finish();
    Caller(server).connection().reset();
    settle(server);
    expect_idle(
        server, waits.connection(), 1000ms,
        "poll returns at once, for ever: a socket at its end stays readable until it is closed");
}

TEST_SUITE_END();
