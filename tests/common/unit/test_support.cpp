// Unit tests of what starts the programs of a test, and waits for them.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"

using namespace std::chrono_literals;

TEST_SUITE_BEGIN("unit");

TEST_CASE("a program that a script has started ends with the script") {
    lab::test::Program script({"sh", "-c", "sleep 600 & echo $!; wait"});
    const int number = std::stoi(script.read_line("echo prints it"));
    REQUIRE(getpgid(number) > 0);
    lab::test::kill_group(getpgid(number));
    script.expect_end_by(SIGKILL, "nobody holds its stdout any more");
}

TEST_CASE("a program is not waited for when what it has started has left its group") {
    // The case's own time limit ends it where this is not so: that process holds stdout open.
    lab::test::Program script({"bash", "-c", "set -m; (echo left; exec sleep 50) & wait"});
    CHECK(script.read_line("echo prints it") == "left");
}

TEST_CASE("an expected event has more time on a slow or busy machine, but not for ever") {
    for (const auto limit : {0ms, 1000ms, 10'000ms}) {
        const auto more = lab::test::patience(limit);
        CHECK(more >= 0ms);
        CHECK(more <= 20s);
    }
    CHECK(lab::test::patience(0ms) == 0ms);
    std::vector<std::chrono::milliseconds> spans;
    const auto in_vain = [&](std::chrono::milliseconds span) {
        spans.push_back(span);
        return false;
    };
    CHECK_FALSE(lab::test::wait_patiently(in_vain, 500ms));
    REQUIRE(spans.size() == 2);
    CHECK(spans[0] == 500ms);
    CHECK_FALSE(lab::test::took_longer(499ms, 500ms));
    CHECK(lab::test::took_longer(1h, 500ms));
}

TEST_SUITE_END();
