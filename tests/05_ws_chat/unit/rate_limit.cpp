// Unit tests of how fast a member of 05_ws_chat may speak, and of the client that keeps to it.
#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <string>

#include "05_ws_chat/own_messages.hpp"
#include "05_ws_chat/rate_limit.hpp"

using namespace ws_chat;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("unit");

TEST_CASE("a rate is kept in the long run and a burst may be twice of it") {
    const RateLimit::Time begin{};
    RateLimit limit(10, begin);
    const auto allowed = [&](RateLimit::Time now) {
        int count = 0;
        while (count < 1000 && limit.allow(now)) ++count;
        return count;
    };
    CHECK(allowed(begin) == 20);
    CHECK(allowed(begin + 99ms) == 0);
    CHECK(allowed(begin + 101ms) == 1);
    CHECK(allowed(begin + 1102ms) == 10);
    CHECK(allowed(begin + 1h) == 20);  // and not 36,000
    int count = 0;
    for (auto now = begin + 1h; now < begin + 1h + 100s; now += 10ms) count += limit.allow(now);
    CHECK(count >= 999);
    CHECK(count <= 1001);
}

TEST_CASE("a rate of 0 is no limit and one of 1 allows two at once") {
    const RateLimit::Time begin{};
    RateLimit none(0, begin);
    for (int i = 0; i < 10'000; ++i) CHECK(none.allow(begin));
    RateLimit slow(1, begin);
    CHECK(slow.allow(begin));
    CHECK(slow.allow(begin));
    CHECK_FALSE(slow.allow(begin));
    CHECK_FALSE(slow.allow(begin + 999ms));
    CHECK(slow.allow(begin + 1001ms));
}

TEST_CASE("own messages are heard when they come back and in their order alone") {
    OwnMessages own("Ada", {});
    CHECK(own.all_heard());
    own.said("one");
    own.said("two");
    own.heard("Bob: one");
    own.heard("Ada: two");
    own.heard("one");
    CHECK_FALSE(own.all_heard());
    own.heard("Ada: one");
    CHECK_FALSE(own.all_heard());
    own.heard("Ada: two");
    CHECK(own.all_heard());
    own.heard("Ada: two");
    CHECK(own.all_heard());
}

TEST_CASE("own messages that were lost with the connection are told once") {
    OwnMessages own("Ada", {});
    for (const std::string text : {"one", "one", "two"}) own.said(text);
    own.heard("Ada: one");
    CHECK(own.give_up() == std::deque<std::string>{"Ada: one", "Ada: two"});
    CHECK(own.all_heard());
    CHECK(own.give_up().empty());
}

TEST_CASE("own messages keep below the rate that the server allows by default") {
    const RateLimit::Time begin{};
    OwnMessages own("Ada", begin);
    RateLimit server(50, begin);
    int said = 0;
    for (auto now = begin; now < begin + 60s; now += 1ms) {
        if (!own.may_say_one(now)) continue;
        ++said;
        REQUIRE(server.allow(now));
    }
    CHECK(said > 45 * 60);
}

TEST_SUITE_END();
