// with_chromium COMMAND...: runs the command, and beside it one Chromium for all the pages that the
// tests of the command open. To start one costs more than most pages do.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>

#include "tests/support/chromium.hpp"

namespace {

// The exit status of the command, as a shell gives it.
int run(char** command) {
    pid_t process = 0;
    if (const int failure =
            posix_spawnp(&process, command[0], nullptr, nullptr, command, environ)) {
        std::cerr << command[0] << ": " << std::strerror(failure) << '\n';
        return 127;
    }
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "with_chromium COMMAND...\n";
        return 2;
    }
    // The command gets Ctrl-C too, and ends first.
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, [](int) {});
    std::optional<lab::test::Chromium> chromium;
    try {
        if (!lab::test::name_of_chromium().empty()) {
            chromium.emplace();
            setenv(lab::test::kSharedChromium, chromium->url().c_str(), 1);
        }
    } catch (const std::exception&) {
        // Each case that needs one starts its own, and says what is wrong.
    }
    return run(argv + 1);
}
