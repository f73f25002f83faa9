// The contract of the server of 07_longpoll: how much memory it may take. Each case needs a
// process of its own, as ctest and `lab grade` start it: a program begins with the peak of the test
// that starts it: getrusage(2), RUSAGE_CHILDREN.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("full");

TEST_CASE(
    "a client that asks again and again without reading gets its answers one after the other") {
    Server server(kStep, kLargeAnswers);
    Caller(server).post_much();
    // 800 MB, if each answer were made before the one before it is taken.
    Caller greedy(server, 4096);
    std::string requests;
    for (int i = 0; i < 100; ++i) requests += news_request("after=0");
    greedy.connection().send_until_full(requests, 200ms);
    settle(server);
    expect_little_memory(server, "answer the next request when the answer before it has been sent");
}

TEST_CASE("twenty clients that do not take the same large answer cost the memory of one") {
    Server server(kStep, kLargeAnswers);
    Caller(server).post_much();
    std::vector<Caller> callers;
    for (int i = 0; i < 20; ++i) {
        callers.emplace_back(server, 4096);
        callers.back().ask("after=0");
    }
    settle(server);
    expect_little_memory(server, "a text that goes to N clients exists once");
}

TEST_CASE("a client that takes nothing of its answer for ten seconds is cut off") {
    std::vector<std::string> options = kLargeAnswers;
    options.insert(options.end(), {"--max-clients", "2"});
    const Server server(kStep, options);
    Caller speaker(server);
    speaker.post_much();
    Caller never_reads(server, 4096);
    never_reads.ask("after=0");
    if (speaker.connection().wait_for_bytes(5s)) fail("silence", "bytes", "nothing was asked");
    expect_status(server, news_request("wait=0"), 503, "a slow client has ten seconds");
    expect_room(server, "its answer must not be kept for ever");
}

TEST_CASE("a long chat takes no more memory than its history") {
    Server server(kStep, {"--history", "100"});
    Caller speaker(server);
    for (int i = 0; i < 10; ++i) speaker.post_much();
    CHECK(speaker.news_of("after=1390", "at once").messages.size() == 10);
    expect_little_memory(server, "forget messages older than --history");
}

TEST_SUITE_END();
