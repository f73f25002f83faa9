// The contract of the server of 07_longpoll: many clients, and those who read slowly or vanish.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

// A client that asks after what it has, loses its connection now and then, and asks again.
struct Poller {
    explicit Poller(const Server& to) : server(&to) {}
    const Server* server;
    std::optional<Caller> caller;
    std::uint64_t last = 0;
    bool asked = false;

    void ask() {
        if (!caller) caller.emplace(*server);
        if (!asked) caller->ask("wait=25&after=" + std::to_string(last));
        asked = true;
    }
    // Takes an answer: what it says has to begin where the last one ended.
    void take() {
        const News news = caller->news("there is news");
        asked = false;
        if (news.gap || news.messages.empty() || news.messages.front().id != last + 1)
            fail("messages from " + std::to_string(last + 1), texts_of(news), "none lost or twice");
        for (const Message& message : news.messages)
            expect_bytes(numbered("m", message.id, message.id), message.text, "in their order");
        last = news.last;
    }
    // Whatever is under way is lost with the connection.
    void vanish(bool reset) {
        if (reset && caller) caller->connection().reset();
        caller.reset();
        asked = false;
    }
};

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("50 pollers that come and go during 300 messages get each of them once and in order") {
    const Server server(kStep);
    Caller speaker(server);
    std::vector<Poller> pollers;
    for (int i = 0; i < 50; ++i) pollers.emplace_back(server);
    std::mt19937 random(7);
    constexpr std::uint64_t kMessages = 300;
    for (std::uint64_t i = 1; i <= kMessages; ++i) {
        for (Poller& poller : pollers) {
            switch (random() % 8) {
                case 0:
                    poller.vanish(random() % 2 == 0);
                    break;
                case 1:
                    break;  // busy with something else
                default:
                    if (poller.asked && !poller.caller->connection().is_silent()) poller.take();
                    poller.ask();
            }
        }
        CHECK(speaker.post(numbered("m", i, i)).id == i);
    }
    for (Poller& poller : pollers) {
        while (poller.last < kMessages) {
            poller.ask();
            poller.take();
        }
    }
}

TEST_CASE("300 clients that wait and vanish leave their places and cost nothing") {
    const Server server(kStep);
    Caller speaker(server);
    speaker.post("one");
    for (const bool reset : {true, false}) {
        std::vector<Caller> waiters;
        for (int i = 0; i < 300; ++i) {
            waiters.push_back(expect_room(server, "a client that is gone needs no place"));
            waiters.back().ask("wait=60&after=1");
        }
        speaker.news_of("wait=0", "an answer");
        for (Caller& waiter : waiters)
            reset ? waiter.connection().reset() : waiter.connection().finish();
        if (reset) continue;
        for (Caller& waiter : waiters)
            waiter.connection().expect_end("nothing is written to a client that has hung up");
    }
    // All 300 places are free again.
    std::vector<Caller> next;
    for (int i = 0; i < 300; ++i)
        next.push_back(expect_room(server, "a descriptor for each connected client, no more"));
    expect_idle(server, next[0].connection(), 1000ms,
                "clients that are gone must not wake poll again and again");
}

TEST_CASE("200 parked clients cost no processor time and are all answered at once") {
    const Server server(kStep);
    std::vector<Caller> waiters;
    for (int i = 0; i < 200; ++i) {
        waiters.emplace_back(server);
        waiters.back().ask("after=0&wait=60");
    }
    settle(server);
    expect_idle(server, waiters[0].connection(), 1000ms,
                "poll until the next deadline, and do not scan all waiting clients every so often");
    Caller(server).post("Привіт");
    for (Caller& waiter : waiters)
        expect_bytes("Привіт", texts_of(waiter.news("there is news")), "everybody is answered");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("a client that takes a large answer slowly delays nobody and gets all of it") {
    const Server server(kStep, kLargeAnswers);
    Caller speaker(server);
    speaker.post_much();
    std::vector<Caller> slow;
    for (int i = 0; i < 2; ++i) {
        slow.emplace_back(server, 65'536);
        slow.back().connection().send(news_request("after=0") + news_request("after=1"));
    }
    Caller waiter(server);
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t i = Caller::kMuch; i < Caller::kMuch + 20; ++i) {
        waiter.ask("wait=25&after=" + std::to_string(i));
        speaker.post(numbered("m", i, i));
        expect_bytes(numbered("m", i, i), texts_of(waiter.news("there is news")),
                     "send what a socket takes, and go on with the others");
    }
    CHECK(!took_longer(std::chrono::steady_clock::now() - begin, kDeadline));
    const std::string text = text_of(Caller::kLong);
    for (Caller& caller : slow) {
        for (const std::size_t known : {0U, 1U}) {
            const News news = caller.news("two answers of many megabytes, one after the other");
            REQUIRE(news.messages.size() >= Caller::kMuch - known);
            for (std::size_t i = 0; i < Caller::kMuch - known; ++i)
                expect_bytes(text, news.messages[i].text, "go on where the kernel took no more");
        }
    }
}

TEST_CASE("requests behind large answers are answered although nothing more is ever sent") {
    const Server server(kStep, kLargeAnswers);
    Caller(server).post_much();
    for (const bool ends_its_side : {false, true}) {
        // The client takes so little at a time that the first answer has to wait for it.
        Caller slow(server, 65'536);
        for (int i = 0; i < 3; ++i) slow.ask("after=0&wait=0");
        if (ends_its_side) slow.connection().finish();
        settle(server);
        for (int i = 0; i < 3; ++i) {
            const News news =
                slow.news("go on with the next request when the answer before it has been sent");
            CHECK(news.messages.size() == Caller::kMuch);
        }
        if (ends_its_side) slow.connection().expect_end("all is answered");
    }
}

TEST_SUITE_END();
