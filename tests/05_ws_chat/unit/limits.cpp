// Unit tests of how many may be in 05_ws_chat, and how fast a member may speak.
#include <doctest/doctest.h>

#include <chrono>
#include <utility>

#include "05_ws_chat/limits.hpp"

using namespace ws_chat;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("unit");

TEST_CASE("places are given back when their owner ends and are never more than there are") {
    Places places(2);
    Place first = places.take();
    {
        const Place second = places.take();
        CHECK(first);
        CHECK(second);
        CHECK(places.full());
        CHECK_FALSE(places.take());
    }
    CHECK_FALSE(places.full());
    Place moved = std::move(first);
    CHECK(places.take());
    moved.reset();
    first = places.take();
    moved = places.take();
    CHECK(first);
    CHECK(moved);
    CHECK_FALSE(places.take());
}

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

TEST_SUITE_END();
