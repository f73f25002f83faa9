// Tests of `compare bench --idle`: ten thousand clients in 05, 06 and 07, and what they cost.
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "tests/compare/support/program.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/report.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

// A sanitizer makes each client so slow that the test would take minutes.
constexpr std::size_t kMany = kSanitized ? 1000 : 10'000;
// A server that walks over all clients for each event has a ratio of more than a hundred.
constexpr double kMaxRatio = 1.5;
// Where each member walks over the timers of all, members of 05 take three times as long to join as
// readers of 06, and more on a busy machine.
constexpr double kMaxJoining = 2;

struct Figures {
    // How many times as much processor time a request takes among all as among ten; 1 where the
    // system does not tell.
    double ratio = 1;
    double joining = 0;  // in seconds
};

// `count` clients join `step`, hear a message and leave.
Figures measure(const std::string& step, std::size_t count) {
    Program bench(compare_command({"bench", step, "--idle", std::to_string(count)}));
    bench.expect_exit(0, "all join, hear a message and leave", kRun);
    const std::string output = bench.output();
    const std::string all = count == 10'000 ? "10 000" : std::to_string(count);
    CHECK_MESSAGE(output.find("heard by " + all + ", ") != std::string::npos, output);
    CHECK_MESSAGE(output.find("  left      all; the server answers") != std::string::npos, output);
    const std::string joined = "  joined    " + all + " in ";
    REQUIRE_MESSAGE(output.find(joined) != std::string::npos, output);
    Figures figures{.joining = std::stod(output.substr(output.find(joined) + joined.size()))};
    const std::size_t request = output.find("  request   ");
    if (request != std::string::npos)
        figures.ratio = std::stod(output.substr(output.find(": ", request) + 2));
    return figures;
}

// On a busy machine one try of several is enough, as many as there is time for.
template <class Try>
bool succeeds_once(const Try& once) {
    const auto limit = std::chrono::steady_clock::now() + 8s;
    do {
        if (once()) return true;
    } while (std::chrono::steady_clock::now() < limit);
    return false;
}

bool is_cheap(const std::string& step, std::size_t count) {
    return succeeds_once([&] { return measure(step, count).ratio <= kMaxRatio; });
}

void need_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < kMany + 100)
        leave_out("10 000 clients need more descriptors than `ulimit -Hn` allows");
}

void need_libev() {
    if (!is_cheap("05", kMany / 20))
        leave_out("libwebsockets has no libev here, and poll walks over all members");
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("10 000 members of 05 join, hear a message and leave, and cost nothing while idle") {
    need_descriptors();
    need_libev();
    CHECK(is_cheap("05", kMany));
}

TEST_CASE("10 000 members of 05 join about as fast as readers of 06") {
    need_descriptors();
    need_libev();
    CHECK(succeeds_once(
        [] { return measure("05", kMany).joining <= kMaxJoining * measure("06", kMany).joining; }));
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
