// Tests of `compare bench --idle`: ten thousand clients in 05, 06 and 07, and what they cost.
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "compare/report/figures.hpp"
#include "tests/compare/support/program.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/report.hpp"

using namespace lab::test;

namespace {

// A sanitizer makes each client so slow that the test would take minutes.
constexpr std::size_t kMany = kSanitized ? 1000 : 10'000;
// A server that walks over all clients for each event has a ratio of more than a hundred.
constexpr double kMaxRatio = 1.5;

/// The figures of a bench of idle clients.
struct Figures {
    double seconds;  // until all had joined
    double ratio;    // of the processor time of a request among all, to that among ten
};

double number_after(const std::string& output, const std::string& words) {
    const std::size_t at = output.find(words);
    REQUIRE_MESSAGE(at != std::string::npos, words, output);
    return std::stod(output.substr(at + words.size()));
}

// `count` clients join `step`, hear a message and leave. The ratio is 1 where the system does not
// tell the processor time of a process.
Figures measure(const std::string& step, std::size_t count) {
    Program bench(compare_command({"bench", step, "--idle", std::to_string(count)}));
    bench.expect_exit(0, "all join, hear a message and leave", kRun);
    const std::string output = bench.output();
    const std::string number = compare::whole_number(count);
    CHECK_MESSAGE(output.find("heard by " + number + ", ") != std::string::npos, output);
    CHECK_MESSAGE(output.find("  left      all; the server answers") != std::string::npos, output);
    const std::size_t request = output.find("  request   ");
    return {.seconds = number_after(output, "joined    " + number + " in "),
            .ratio = request == std::string::npos ? 1 : number_after(output.substr(request), ": ")};
}

// On a busy machine one try of several is enough, as many as there is time for.
bool is_cheap(const std::string& step, std::size_t count) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(12);
    do {
        if (measure(step, count).ratio <= kMaxRatio) return true;
    } while (std::chrono::steady_clock::now() < limit);
    return false;
}

void need_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < kMany + 100)
        leave_out("10 000 clients need more descriptors than `ulimit -Hn` allows");
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("10 000 members of 05 join, hear a message and leave, and cost nothing while idle") {
    need_descriptors();
    const Figures few = measure("05", kMany / 5);
    if (few.ratio > kMaxRatio)
        leave_out("libwebsockets has no libev here, and poll walks over all members");
    // The library keeps its timers in a sorted list: five times as many take 25 times as long.
    if (few.seconds > 1) leave_out("this machine is too slow now for 10 000 members of 05");
    CHECK(measure("05", kMany).ratio <= kMaxRatio);
}

TEST_CASE("10 000 readers of 06 join, hear a message and leave, and cost nothing while idle") {
    need_descriptors();
    CHECK(is_cheap("06", kMany));
}

TEST_CASE("10 000 clients of 07 join, hear a message and leave, and cost nothing while idle") {
    need_descriptors();
    CHECK(is_cheap("07", kMany));
}

TEST_CASE("compare bench --idle is for steps with a request that one client alone sees") {
    expect_bad_usage("compare", {{"bench", "02", "--idle", "10"},
                                 {"bench", "03", "--idle", "10"},
                                 {"bench", "06", "--idle", "0"}});
    Program bench(compare_command({"bench", "04", "--idle", "20"}));
    bench.expect_exit(0, "a step that walks over all of its clients is measured too", kRun);
    CHECK(bench.output().find("heard by 20, ") != std::string::npos);
}

TEST_SUITE_END();
