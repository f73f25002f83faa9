// Unit tests of the parts of a relay: faults, and bytes on their way.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "compare/relay/delay_line.hpp"
#include "compare/relay/faults.hpp"
#include "tests/support/report.hpp"

using namespace relay;
using namespace std::chrono_literals;
using lab::test::expect_bytes;

namespace {

const DelayLine::Time kBegin{};

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a fate depends on its seed and number alone") {
    const FaultRates rates{.cut = 0.5, .stall = 0.5, .seed = 7};
    std::string words;
    for (std::uint32_t i = 0; i < 6; ++i) words += describe(faults_of(rates, i)) + "\n";
    expect_bytes(
        "cut after 1606 bytes (RST)\n"
        "cut after 3888 bytes (FIN)\n"
        "stands still for 591 ms after 2032 bytes, cut after 3262 bytes (RST)\n"
        "cut after 3423 bytes (RST)\n"
        "stands still for 815 ms after 2294 bytes, cut after 1071 bytes (RST)\n"
        "cut after 1536 bytes (FIN)\n",
        words, "the generator is the standard's, and the rest is our own arithmetic");
    CHECK(faults_of({.cut = 1, .stall = 0, .seed = 7}, 3).cut_after ==
          faults_of({.cut = 1, .stall = 1, .seed = 7}, 3).cut_after);
    CHECK(faults_of({}, 3) == Faults{});
}

TEST_CASE("fates are as frequent as was asked for, and within their bounds") {
    int cuts = 0;
    int resets = 0;
    int stalls = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const Faults faults = faults_of({.cut = 0.4, .stall = 0.2, .seed = 1}, i);
        cuts += faults.cut_after ? 1 : 0;
        resets += faults.reset ? 1 : 0;
        stalls += faults.stall_after ? 1 : 0;
        if (faults.cut_after)
            CHECK((*faults.cut_after >= kMinPosition && *faults.cut_after < kMaxPosition));
        if (faults.stall_after) CHECK((faults.stall >= kMinStall && faults.stall < kMaxStall));
    }
    CHECK((cuts > 350 && cuts < 450));
    CHECK((resets > 150 && resets < 250));
    CHECK((stalls > 150 && stalls < 250));
}

TEST_CASE("bytes leave a path as they came, a delay later, and its end behind them") {
    DelayLine way(20ms, 100);
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
    DelayLine way(1ms, 4);
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

TEST_CASE("a stream that breaks off brings all it had sent, and a refused one brings nothing") {
    DelayLine way(20ms, 100);
    way.put("one", kBegin);
    way.break_off(kBegin + 1ms);
    CHECK(way.ready(kBegin + 20ms) == "one");
    way.left(3);
    CHECK(way.take_end(kBegin + 21ms));
    CHECK(way.broken());

    DelayLine in_order(20ms, 100);
    in_order.end(kBegin);
    in_order.break_off(kBegin + 1ms);
    CHECK_FALSE_MESSAGE(in_order.broken(), "it had ended before");

    DelayLine unwanted(20ms, 100);
    unwanted.put("one", kBegin);
    unwanted.drop();
    CHECK(unwanted.ready(kBegin + 20ms).empty());
    CHECK_FALSE(unwanted.has_room());
    CHECK_FALSE(unwanted.due().has_value());
    CHECK_FALSE(unwanted.take_end(kBegin + 20ms));
    CHECK(unwanted.ended());
}

TEST_SUITE_END();
