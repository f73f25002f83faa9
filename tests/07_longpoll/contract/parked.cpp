// The contract of the server of 07_longpoll: requests that are parked, and their connections.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// A request whose response cannot be taken for another's: it names what is not there.
std::string marker() {
    return http_request("GET", "/marker");
}

void expect_marker(Connection& connection, const std::string& hint, Place place = Place::here()) {
    const HttpResponse response = receive_response(connection, hint, false, place);
    if (response.head.status() != 404) {
        fail("the response to the next request, 404",
             lab::visible(response.head.first_line + response.body, 400), hint, place);
    }
}

const std::string kHungUp = "a client that hangs up is noticed at once, not when there is news";

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("one connection serves a hundred requests") {
    const Server server(kStep);
    Caller caller(server);
    const std::string hint = "HTTP/1.1 keeps the connection unless somebody says close";
    for (int i = 1; i <= 50; ++i) {
        caller.post("message " + std::to_string(i));
        const std::string query = "after=" + std::to_string(i - 1);
        expect_bytes("message " + std::to_string(i), texts_of(caller.news_of(query, hint)), hint);
    }
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("a message is not lost to others when a client that waits hangs up with it on its way") {
    const Server server(kStep);
    Caller speaker(server);
    Caller stays(server);
    for (int i = 0; i < 20; ++i) {
        const std::string query = "wait=25&after=" + std::to_string(i);
        std::array<Caller, 4> leave{Caller(server), Caller(server), Caller(server), Caller(server)};
        for (Caller& caller : leave) caller.ask(query);
        stays.ask(query);
        if (i % 2) settle(server);
        // The server finds all of this at once.
        server.pause();
        leave[0].connection().reset();
        leave[1].connection().finish();
        const std::string text = "message " + std::to_string(i);
        speaker.connection().send(post_request(text));
        leave[2].connection().reset();
        leave[3].connection().finish();
        server.send_signal(SIGCONT);
        speaker.receipt("a client that is gone is no reason to fail");
        expect_bytes(text, texts_of(stays.news("there is news")),
                     "a client that stays is answered");
    }
}

TEST_CASE("a client that half-closes after its request is answered if that can be done at once") {
    const Server server(kStep);
    Caller speaker(server);
    speaker.post("one");
    Caller caller(server);
    caller.connection().send(post_request("two") + news_request("after=0"));
    caller.connection().finish();
    caller.receipt("it came whole");
    expect_bytes("one|two", texts_of(caller.news("it came whole")),
                 "answer the requests that came before FIN");
    caller.connection().expect_end("then end the connection");
}

TEST_CASE("a message and a time-out at the same instant answer once") {
    const Server server(kStep);
    Caller speaker(server);
    const std::string hint = "an answered client does not wait any more: forget its deadline";
    std::vector<Caller> waiters;
    for (int i = 0; i < 20; ++i) waiters.emplace_back(server);
    for (Caller& waiter : waiters)
        waiter.connection().send(news_request("after=0&wait=3") + marker());
    settle(server);
    server.pause();
    // When it goes on, both have happened, for all.
    if (waiters[0].connection().wait_for_bytes(3100ms))
        fail("no answer", "one", "it was stopped before");
    speaker.connection().send(post_request("now"));
    server.send_signal(SIGCONT);
    speaker.receipt("an answer");
    for (Caller& waiter : waiters) {
        const std::string texts = texts_of(waiter.news("an answer"));
        if (texts != "now") expect_bytes("", texts, "either the message or the time-out");
        expect_marker(waiter.connection(), hint);
    }
    settle(server);
    for (Caller& waiter : waiters) CHECK_MESSAGE(waiter.connection().is_silent(), hint);
}

TEST_CASE("messages around the time-out answer each waiting client once and none is lost") {
    const Server server(kStep);
    Caller speaker(server);
    std::vector<Caller> waiters;
    for (int i = 0; i < 100; ++i) waiters.emplace_back(server);
    const auto begin = Clock::now();
    for (Caller& waiter : waiters) {
        waiter.ask("after=0&wait=1");
        (void)waiter.connection().wait_for_bytes(2ms);
    }
    // These are said just when one after the other gives up waiting.
    while (Clock::now() - begin < 1050ms) (void)waiters[0].connection().wait_for_bytes(2ms);
    speaker.post("now");
    for (Caller& waiter : waiters) {
        std::string texts = texts_of(waiter.news("each is answered once"));
        if (texts.empty())
            texts = texts_of(waiter.news_of("after=0", "a client that got nothing asks again"));
        expect_bytes("now", texts, "nobody misses it");
        waiter.connection().send(marker());
        expect_marker(waiter.connection(), "no second answer to the first request");
    }
}

TEST_CASE("requests that come behind a parked one wait for it and are answered in their order") {
    const Server server(kStep);
    Caller caller(server);
    const std::string hint = "responses come in the order of the requests: RFC 9112, 9.3.2";
    caller.connection().send(news_request("after=0&wait=25") + post_request("mine") + marker() +
                             news_request("after=2&wait=1") + news_request("after=0"));
    settle(server);
    CHECK_MESSAGE(caller.connection().is_silent(), hint);
    CHECK_MESSAGE(Caller(server).news_of("wait=0", "at once").last == 0,
                  "the POST is behind the parked request: its time has not come");
    CHECK(Caller(server).post("other").id == 1);
    expect_bytes("other", texts_of(caller.news(hint)), hint);
    CHECK(caller.receipt(hint).id == 2);
    expect_marker(caller.connection(), hint);
    expect_bytes("", texts_of(caller.news(hint)), hint);
    expect_bytes("other|mine", texts_of(caller.news(hint)), hint);
}

TEST_CASE("many requests sent at once are answered in their order") {
    const Server server(kStep);
    Caller caller(server);
    std::string requests;
    for (std::uint64_t i = 1; i <= 100; ++i) {
        requests += post_request(numbered("m", i, i));
        requests += news_request("after=" + std::to_string(i - 1));
        requests += marker();
    }
    // The answers are taken meanwhile: a server need not keep them for a client that does not read.
    REQUIRE(caller.connection().send_and_keep(requests));
    for (std::uint64_t i = 1; i <= 100; ++i) {
        caller.receipt("a POST");
        expect_bytes(numbered("m", i, i), texts_of(caller.news("a GET")), "each in its turn");
        expect_marker(caller.connection(), "and what is not there");
    }
}

TEST_CASE("an answer that is empty again says anew when it was made") {
    const Server server(kStep);
    Caller caller(server);
    const std::string hint = "the answers may share all but the moment: RFC 9110, 6.6.1";
    std::vector<std::string> dates;
    for (int i = 0; i < 2; ++i) {
        caller.ask("after=0&wait=2");
        dates.push_back(receive_response(caller.connection(), hint, false).head.value("Date"));
    }
    if (dates[0] == dates[1]) fail("two seconds later", dates[1], hint);
}

TEST_CASE("a request that comes byte by byte is parked and answered like any other") {
    const Server server(kStep);
    Caller caller(server);
    for (const char byte : news_request("after=0&wait=25")) {
        caller.connection().send({&byte, 1});
        if (caller.connection().wait_for_bytes(1ms)) fail("silence", "bytes", "there is no news");
    }
    Caller speaker(server);
    for (const char byte : post_request("Привіт")) {
        speaker.connection().send({&byte, 1});
        if (speaker.connection().wait_for_bytes(1ms)) break;
    }
    CHECK(speaker.receipt("gather until the body is whole").id == 1);
    expect_bytes("Привіт", texts_of(caller.news("there is news")), "an answer");
}

TEST_CASE("a waiter that asks for the connection to be closed is answered and then it is") {
    const Server server(kStep);
    Caller caller(server);
    caller.connection().send(
        http_request("GET", "/messages?after=0&wait=25", "Connection: close\r\n"));
    settle(server);
    Caller(server).post("one");
    expect_bytes("one", texts_of(caller.news("an answer first")), "then the end");
    caller.connection().expect_end("Connection: close: this answer is the last");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("a parked request takes no place after its client has hung up") {
    const Server server(kStep, {"--max-clients", "1"});
    for (const bool reset : {false, true, false}) {
        Caller leaves = expect_room(server, kHungUp);
        leaves.park("after=0&wait=60", 50ms, "there is no news");
        if (reset) {
            leaves.connection().reset();
        } else {
            leaves.connection().finish();
            // Nothing is written to who does not wait any more: no answer with nothing in it
            // either.
            leaves.connection().expect_end(kHungUp);
        }
    }
    Caller last = expect_room(server, kHungUp);
    last.post("hello");
    expect_bytes("hello", texts_of(last.news_of("", "at once")), "the server goes on");
}

TEST_CASE("a client that hangs up takes the requests behind its parked one with it") {
    const Server server(kStep, {"--max-clients", "1"});
    {
        Caller leaves(server);
        leaves.connection().send(news_request("after=0&wait=60") + post_request("never"));
        (void)leaves.connection().wait_for_bytes(50ms);
        leaves.connection().reset();
    }
    Caller next = expect_room(server, kHungUp);
    expect_bytes("", texts_of(next.news_of("wait=0", "at once")), "nobody is there to hear of it");
}

TEST_SUITE_END();
