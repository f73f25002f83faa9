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
// Where each client walks over the timers of all, it takes three to ten times as much to join
// among ten thousand as among a thousand.
constexpr double kMaxJoiningRatio = 2;

// In processor time; 1 where the system does not tell.
struct Figures {
    double request = 1;  // a request among all, in that of a request among ten
    double joining = 1;  // of a client, in microseconds
};

// `count` clients join `step`, hear a message and leave.
Figures measure(const std::string& step, std::size_t count) {
    Program bench(compare_command({"bench", step, "--idle", std::to_string(count)}));
    bench.expect_exit(0, "all join, hear a message and leave", kRun);
    const std::string output = bench.output();
    const std::string all = count == 10'000 ? "10 000" : std::to_string(count);
    CHECK_MESSAGE(output.find("heard by " + all + ", ") != std::string::npos, output);
    CHECK_MESSAGE(output.find("  left      all; the server answers") != std::string::npos, output);
    const auto number_behind = [&](const std::string& line, const std::string& words) {
        const std::size_t begin = output.find(words, output.find(line));
        return begin == std::string::npos ? 1 : std::stod(output.substr(begin + words.size()));
    };
    if (output.find(" of a processor") == std::string::npos) return {};
    return {.request = number_behind("  request ", ": "),
            .joining = number_behind("  joined ", "; ")};
}

// On a busy machine one try of several is enough, as many as there is time for.
template <class Try>
bool succeeds_once(const Try& once) {
    const auto limit = std::chrono::steady_clock::now() + 20s;
    do {
        if (once()) return true;
    } while (std::chrono::steady_clock::now() < limit);
    return false;
}

bool is_cheap(const std::string& step, std::size_t count) {
    return succeeds_once([&] { return measure(step, count).request <= kMaxRatio; });
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
    CHECK(is_cheap("05", kMany));
}

TEST_CASE("a member of 05 joins ten thousand at the cost at which it joins a thousand") {
    need_descriptors();
    CHECK(succeeds_once([] {
        return measure("05", kMany).joining <= kMaxJoiningRatio * measure("05", kMany / 10).joining;
    }));
}

TEST_CASE("10 000 readers of 06 join, hear a message and leave, and cost nothing while idle") {
    need_descriptors();
    CHECK(is_cheap("06", kMany));
}

TEST_CASE("10 000 clients of 07 join, hear a message and leave, and cost nothing while idle") {
    need_descriptors();
    CHECK(is_cheap("07", kMany));
}

TEST_CASE("compare bench --idle is content with a descriptor for each client") {
    auto command = compare_command({"bench", "06", "--idle", "300"});
    command.insert(command.begin(), {"sh", "-c", "ulimit -n 400 && exec \"$@\"", "sh"});
    Program bench(command);
    bench.expect_exit(0, "poll(2) takes no more entries than there may be descriptors", kRun);
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
