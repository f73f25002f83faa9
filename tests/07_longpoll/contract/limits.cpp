// The contract of the server of 07_longpoll: its limits, its options, its trace.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

// Asks again and again until nothing is left; returns how many answers that took.
int read_all(Caller& caller, std::size_t messages, const std::string& hint,
             Place place = Place::here()) {
    std::uint64_t after = 0;
    int answers = 0;
    while (after < messages) {
        const News news = caller.news_of("wait=0&after=" + std::to_string(after), hint, place);
        if (news.messages.empty() || news.messages[0].id != after + 1) {
            fail(numbered("message ", after + 1, after + 1), texts_of(news).substr(0, 40), hint,
                 place);
        }
        if (news.gap) fail("no gap", "a gap", "later messages are not lost", place);
        after = news.last;
        ++answers;
    }
    return answers;
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("history keeps the last messages and a gap says that some are gone") {
    const Server server(kStep, {"--history", "3"});
    Caller caller(server);
    CHECK_FALSE(caller.news_of("wait=0", "an answer").gap);
    caller.post_numbered("m", 1, 3);
    News news = caller.news_of("after=0", "at once");
    expect_bytes("m1|m2|m3", texts_of(news), "three are kept");
    CHECK_FALSE_MESSAGE(news.gap, "nothing is gone");
    caller.post_numbered("m", 4, 5);
    for (const int after : {0, 1}) {
        news = caller.news_of("after=" + std::to_string(after), "at once");
        expect_bytes("m3|m4|m5", texts_of(news), "what is left");
        CHECK_MESSAGE(news.gap, "a message after that one is gone: say so");
    }
    news = caller.news_of("after=2", "at once");
    expect_bytes("m3|m4|m5", texts_of(news), "all that came after 2");
    CHECK_FALSE_MESSAGE(news.gap, "nothing that came after 2 is gone");
    CHECK_FALSE(caller.news_of("after=5&wait=0", "at once").gap);
    news = caller.news_of("after=0&wait=0&epoch=0123456789abcdef", "another epoch");
    expect_bytes("m3|m4|m5", texts_of(news), "everything that is kept");
    CHECK(news.gap);
}

TEST_CASE("a waiting client misses nothing although the history is short") {
    const Server server(kStep, {"--history", "1"});
    Caller waiter(server);
    waiter.ask("after=0&wait=25");
    settle(server);
    Caller speaker(server);
    speaker.post("one");
    const News news = waiter.news("there is news");
    expect_bytes("one", texts_of(news), "the last one is kept");
    CHECK_FALSE(news.gap);
    speaker.post_numbered("m", 2, 4);
    const News late = waiter.news_of("after=1", "at once");
    expect_bytes("m4", texts_of(late), "the last one is kept");
    CHECK(late.gap);
}

TEST_CASE("history is a thousand messages by default") {
    const Server server(kStep);
    Caller caller(server);
    caller.post_numbered("m", 1, 1000);
    CHECK(caller.news_of("after=0", "at once").messages.size() == 1000);
    caller.post_numbered("m", 1001, 1001);
    const News news = caller.news_of("after=0", "at once");
    CHECK(news.gap);
    CHECK(news.messages.size() == 1000);
    CHECK(news.messages.front().id == 2);
}

TEST_CASE("one answer holds no more than the queue and the next ones hold the rest") {
    const Server server(kStep, {"--max-answer", "1000"});
    Caller caller(server);
    const std::string text = text_of(200);
    for (int i = 0; i < 50; ++i) caller.post(text);
    caller.connection().send(news_request("after=0"));
    const HttpResponse first = receive_response(caller.connection(), "an answer");
    // Around the messages there is little else.
    CHECK_MESSAGE(first.body.size() < 1100, "--max-answer bounds the messages of one answer");
    CHECK_MESSAGE(first.body.size() > 700, "as many as fit");
    CHECK(read_all(caller, 50, "the rest follows, nothing is lost") >= 13);
}

TEST_CASE("a message larger than the queue goes alone into an answer") {
    const Server server(kStep, {"--max-answer", "1"});
    Caller caller(server);
    caller.post_numbered("m", 1, 3);
    for (std::uint64_t i = 1; i <= 3; ++i) {
        const std::string query = "after=" + std::to_string(i - 1);
        expect_bytes(numbered("m", i, i), texts_of(caller.news_of(query, "always at least one")),
                     "one at a time");
    }
    caller.park("after=3&wait=25", 50ms, "that was all");
}

TEST_CASE("an answer holds a mebibyte of messages by default") {
    const Server server(kStep);
    Caller caller(server);
    const std::string text = text_of(60'000);
    for (int i = 0; i < 40; ++i) caller.post(text);
    // 17 messages and a half.
    CHECK(read_all(caller, 40, "the rest follows, nothing is lost") == 3);
}

TEST_CASE("another method is answered with 405 and those that would do") {
    const Server server(kStep);
    for (const std::string method : {"PUT", "DELETE", "OPTIONS", "PATCH", "get", "BREW"}) {
        const HttpResponse response =
            expect_status(server, http_request(method, "/messages"), 405, "405: " + method);
        const std::string allowed = response.head.value("Allow");
        for (const std::string good : {"GET", "POST"}) {
            if (allowed.find(good) == std::string::npos)
                fail("Allow: GET, HEAD, POST", response.head.fields,
                     "a 405 says which methods are allowed");
        }
    }
    const HttpResponse page = expect_status(
        server, http_request("POST", "/", "Content-Type: text/plain\r\n", "x"), 405, "a page");
    if (page.head.value("Allow").find("POST") != std::string::npos)
        fail("Allow: GET, HEAD", page.head.fields, "nothing is posted to the page");
}

TEST_CASE("HEAD gets the head alone and the connection goes on") {
    const Server server(kStep);
    Caller caller(server);
    caller.post("one");
    for (const std::string target : {"/", "/messages?after=0", "/messages?wait=0&after=1"}) {
        caller.connection().send(http_request("HEAD", target) + http_request("GET", "/nothing"));
        const HttpResponse head = receive_response(caller.connection(), "RFC 9110, 9.3.2", true);
        CHECK(head.head.status() == 200);
        const HttpResponse next = receive_response(caller.connection(), "no body after HEAD");
        CHECK(next.head.status() == 404);
    }
    // A parked one too.
    caller.connection().send(http_request("HEAD", "/messages?after=1&wait=1") +
                             http_request("GET", "/nothing"));
    CHECK(receive_response(caller.connection(), "after a second", true).head.status() == 200);
    CHECK(receive_response(caller.connection(), "no body after HEAD").head.status() == 404);
}

TEST_CASE("trace shows what came in and what went out line by line") {
    Server server(kStep, {"--trace"});
    Caller caller(server);
    caller.post("Привіт 👋");
    caller.news_of("after=0", "an answer");
    server.expect_error("POST /messages HTTP/1.1", "the request");
    server.expect_error("Content-Type: text/plain; charset=utf-8", "its lines");
    server.expect_error("Привіт 👋", "its body");
    server.expect_error("GET /messages?after=0 HTTP/1.1", "the next one");
    server.expect_error("HTTP/1.1 201 ", "the answer");
    server.expect_error("{\"messages\":[", "its body");
    server.expect_error("← 127.0.0.1:", "an arrow, and the client's address");
    server.expect_error("→ 127.0.0.1:", "an arrow, and the client's address");
}

TEST_SUITE_END();
