// Unit tests of what a relay is made of: fates, and bytes on their way.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "compare/fate.hpp"
#include "compare/one_way.hpp"
#include "tests/support/report.hpp"

using namespace compare;
using namespace std::chrono_literals;
using lab::test::expect_bytes;

namespace {

const OneWay::Time kBegin{};

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a fate depends on its seed and number alone") {
    const Trouble trouble{.cut = 0.5, .stall = 0.5, .seed = 7};
    std::string fates;
    for (std::uint32_t i = 0; i < 6; ++i) fates += words_of(fate_of(trouble, i)) + "\n";
    expect_bytes(
        "cut after 1606 bytes (RST)\n"
        "cut after 3888 bytes (FIN)\n"
        "stands still for 591 ms after 2032 bytes, cut after 3262 bytes (RST)\n"
        "cut after 3423 bytes (RST)\n"
        "stands still for 815 ms after 2294 bytes, cut after 1071 bytes (RST)\n"
        "cut after 1536 bytes (FIN)\n",
        fates, "the generator is the standard's, and the rest is our own arithmetic");
    CHECK(fate_of({.cut = 1, .stall = 0, .seed = 7}, 3).cut_after ==
          fate_of({.cut = 1, .stall = 1, .seed = 7}, 3).cut_after);
    CHECK(fate_of({}, 3) == Fate{});
}

TEST_CASE("fates are as frequent as was asked for, and within their bounds") {
    int cuts = 0;
    int resets = 0;
    int stalls = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const Fate fate = fate_of({.cut = 0.4, .stall = 0.2, .seed = 1}, i);
        cuts += fate.cut_after ? 1 : 0;
        resets += fate.reset ? 1 : 0;
        stalls += fate.stall_after ? 1 : 0;
        if (fate.cut_after) CHECK((*fate.cut_after >= kLeastBytes && *fate.cut_after < kMostBytes));
        if (fate.stall_after) CHECK((fate.stall >= kShortestStall && fate.stall < kLongestStall));
    }
    CHECK((cuts > 350 && cuts < 450));
    CHECK((resets > 150 && resets < 250));
    CHECK((stalls > 150 && stalls < 250));
}

TEST_CASE("bytes leave a path as they came, a delay later, and its end behind them") {
    OneWay way(20ms, 100);
    way.put("one", kBegin);
    way.put("two", kBegin + 5ms);
    way.end(kBegin + 6ms);
    CHECK(way.due() == kBegin + 20ms);
    CHECK(way.ready(kBegin + 19ms).empty());
    CHECK(way.ready(kBegin + 20ms) == "one");
    way.left(2);
    CHECK(way.ready(kBegin + 20ms) == "e");
    way.left(1);
    CHECK(way.ready(kBegin + 24ms).empty());
    CHECK_FALSE(way.take_end(kBegin + 30ms));
    CHECK(way.ready(kBegin + 25ms) == "two");
    way.left(3);
    CHECK(way.due() == kBegin + 26ms);
    CHECK_FALSE(way.take_end(kBegin + 25ms));
    CHECK(way.take_end(kBegin + 26ms));
    CHECK_FALSE(way.take_end(kBegin + 27ms));
    CHECK(way.ended());
    CHECK_FALSE(way.due().has_value());
}

TEST_CASE("a path that is full takes no more, and one that stands still lets nothing go") {
    OneWay way(1ms, 4);
    way.put("abc", kBegin);
    CHECK(way.has_room());
    way.put("de", kBegin);
    CHECK_FALSE(way.has_room());
    way.hold(kBegin + 50ms);
    CHECK(way.ready(kBegin + 49ms).empty());
    CHECK(way.due() == kBegin + 50ms);
    CHECK(way.ready(kBegin + 50ms) == "abc");
    way.left(3);
    CHECK(way.has_room());
    way.put("fg", kBegin);
    CHECK_FALSE_MESSAGE(way.has_room(), "as much as it holds, to the byte");
    way.left(2);
    CHECK(way.has_room());
    way.hold(kBegin + 40ms);
    CHECK_MESSAGE(way.ready(kBegin + 49ms).empty(), "the later one of two holds");
    way.left(2);
    way.end(kBegin);
    CHECK_FALSE(way.has_room());
    CHECK(way.due() == kBegin + 50ms);
    CHECK_FALSE(way.take_end(kBegin + 49ms));
    CHECK(way.take_end(kBegin + 50ms));
}

TEST_CASE("a stream that breaks off brings what came before, and one that nobody takes nothing") {
    OneWay way(20ms, 100);
    way.put("one", kBegin);
    way.break_off(kBegin + 1ms);
    CHECK(way.ready(kBegin + 20ms) == "one");
    way.left(3);
    CHECK(way.take_end(kBegin + 21ms));
    CHECK(way.broken());

    OneWay in_order(20ms, 100);
    in_order.end(kBegin);
    in_order.break_off(kBegin + 1ms);
    CHECK_FALSE_MESSAGE(in_order.broken(), "it had ended before");

    OneWay unwanted(20ms, 100);
    unwanted.put("one", kBegin);
    unwanted.drop();
    CHECK(unwanted.ready(kBegin + 20ms).empty());
    CHECK_FALSE(unwanted.has_room());
    CHECK_FALSE(unwanted.due().has_value());
    CHECK_FALSE(unwanted.take_end(kBegin + 20ms));
    CHECK(unwanted.ended());
}

TEST_SUITE_END();
