#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

#include "common/capture.hpp"
#include "tests/support/spawned.hpp"

namespace {

// Ends a case that takes too long: ctest would do so without a word, and leave its programs behind.
extern "C" void end_case(int /*signal*/) {
    constexpr std::string_view kWords =
        "\n  expected: the case ends in time\n  got:      it still waits\n"
        "  hint:     the program does a little now and then, but not what it has to\n";
    (void)!write(STDOUT_FILENO, kWords.data(), kWords.size());
    lab::test::end_all_programs();
    _exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    // Writing to a program that has ended has to fail a case, not end the tests.
    std::signal(SIGPIPE, SIG_IGN);
    // A shell starts a script's background commands with SIGINT ignored: the programs inherit that.
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
    std::signal(SIGALRM, end_case);
    if (const char* const seconds = std::getenv("LAB_CASE_SECONDS"))
        alarm(static_cast<unsigned>(std::atoi(seconds)));
    // `lab grade --capture` records what the case itself sends and receives.
    if (const char* const file = std::getenv("LAB_CAPTURE"))
        lab::capture::start(file, "the test suite");
    return doctest::Context(argc, argv).run();
}
