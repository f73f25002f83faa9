// Unit tests of the signal that ends a server.
#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "common/stop_signal.hpp"

namespace {

// Whether a poll would return at once.
bool wakes(const lab::StopSignal& stop) {
    pollfd ready{stop.reading_end(), POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("SIGINT and SIGTERM ask the server to stop and wake its poll") {
    for (const int signal : {SIGINT, SIGTERM}) {
        const lab::StopSignal stop;
        CHECK_FALSE(stop.requested());
        CHECK_FALSE(wakes(stop));
        std::raise(signal);
        CHECK(stop.requested());
        CHECK(wakes(stop));
    }
}

TEST_CASE("once the wake-up is cleared poll waits again but the request stays") {
    const lab::StopSignal stop;
    std::raise(SIGTERM);
    std::raise(SIGTERM);
    stop.clear();
    CHECK_FALSE(wakes(stop));
    CHECK(stop.requested());
}

TEST_CASE("a signal leaves errno as the interrupted code had it") {
    const lab::StopSignal stop;
    // With the pipe full the handler's write fails.
    for (int i = 0; i < 100'000; ++i) std::raise(SIGTERM);
    errno = ENOENT;
    std::raise(SIGTERM);
    CHECK(errno == ENOENT);
}

TEST_CASE("signals that come while the server ends change nothing") {
    const lab::StopSignal stop;
    stop.ignore();
    std::raise(SIGINT);
    std::raise(SIGTERM);
    CHECK_FALSE(stop.requested());
    CHECK_FALSE(wakes(stop));
}

TEST_CASE("signals that come after the server has ended are still ignored") {
    { const lab::StopSignal stop; }
    for (const int signal : {SIGINT, SIGTERM}) {
        const bool ignored = std::signal(signal, SIG_IGN) == SIG_IGN;
        CHECK(ignored);
    }
}

TEST_CASE("writing to one who has left fails and ends nothing") {
    const lab::StopSignal stop;
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    close(ends[0]);
    CHECK(write(ends[1], "x", 1) < 0);
    CHECK(errno == EPIPE);
    close(ends[1]);
}

TEST_SUITE_END();
