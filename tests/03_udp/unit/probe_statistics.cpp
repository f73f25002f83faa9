// Unit tests of the statistics of the probe of 03_udp.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "03_udp/probe_statistics.hpp"
#include "tests/support/report.hpp"

using namespace udp;
using lab::test::expect_bytes;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::steady_clock::time_point kStart{};

}  // namespace

TEST_SUITE_BEGIN("unit");

// The numbers in the order in which they come back; expected: which of them are called what.
TEST_CASE("arrivals are judged by the order in which they come") {
    struct Case {
        std::string arrivals;
        std::string verdicts;  // . in order, r reordered, d duplicate, - never sent
    };
    const std::vector<Case> cases{
        {"123456789", "........."}, {"987654321", ".rrrrrrrr"}, {"214365", ".r.r.r"},
        {"1345267", "....r.."},     {"1357", "...."},           {"112233", ".d.d.d"},
        {"3113", ".rdd"},           {"2012", ".-rd"},
    };
    for (const auto& [arrivals, verdicts] : cases) {
        ProbeStatistics statistics;
        for (int i = 0; i < 9; ++i) statistics.send(kStart);
        std::string got;
        for (const char number : arrivals) {
            const auto arrival =
                statistics.receive(static_cast<std::uint32_t>(number - '0'), kStart + 1ms);
            got += !arrival ? '-' : arrival->duplicate ? 'd' : arrival->reordered ? 'r' : '.';
        }
        expect_bytes(verdicts, got, "of the arrivals " + arrivals);
    }
    ProbeStatistics empty;
    CHECK_FALSE(empty.receive(1, kStart));
}

TEST_CASE("the summary counts and computes like ping") {
    ProbeStatistics statistics;
    for (int i = 0; i < 4; ++i) CHECK(statistics.send(kStart) == static_cast<std::uint32_t>(i + 1));
    CHECK(statistics.summary() == "4 sent, 0 received, 100% lost, 0 duplicated, 0 reordered\n");
    statistics.receive(2, kStart + 10ms);
    statistics.receive(1, kStart + 20ms);
    statistics.receive(2, kStart + 500ms);  // a duplicate: its time does not count
    statistics.receive(4, kStart + 30ms);
    CHECK(statistics.summary() ==
          "4 sent, 3 received, 25% lost, 1 duplicated, 1 reordered\n"
          "rtt min/avg/max/mdev = 10.000/20.000/30.000/8.165 ms\n");
}

TEST_SUITE_END();
