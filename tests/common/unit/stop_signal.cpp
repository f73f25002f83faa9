// Unit tests of the signal that ends a server.
#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "common/stop_signal.hpp"

namespace {

// As a program is started: one object ends with the signals ignored, and the next would leave them
// so.
struct Heeded {
    Heeded() {
        for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
    }
};

/// A StopSignal of a program that has just started.
struct Stop : Heeded, lab::StopSignal {};

// Whether a poll would return at once.
bool wakes(const lab::StopSignal& stop) {
    pollfd ready{stop.reading_end(), POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("SIGINT and SIGTERM ask the server to stop and wake its poll") {
    for (const int signal : {SIGINT, SIGTERM}) {
        const Stop stop;
        CHECK_FALSE(stop.requested());
        CHECK_FALSE(wakes(stop));
        std::raise(signal);
        CHECK(stop.requested());
        CHECK(wakes(stop));
    }
}

TEST_CASE("once the wake-up is cleared poll waits again but the request stays") {
    const Stop stop;
    std::raise(SIGTERM);
    std::raise(SIGTERM);
    stop.clear();
    CHECK_FALSE(wakes(stop));
    CHECK(stop.requested());
}

TEST_CASE("a signal leaves errno as the interrupted code had it") {
    const Stop stop;
    // With the pipe full the handler's write fails.
    for (int i = 0; i < 100'000; ++i) std::raise(SIGTERM);
    errno = ENOENT;
    std::raise(SIGTERM);
    CHECK(errno == ENOENT);
}

TEST_CASE("a signal that is ignored when the program starts stays so") {
    for (const int signal : {SIGINT, SIGTERM}) {
        const Heeded all;
        std::signal(signal, SIG_IGN);
        const lab::StopSignal stop;
        std::raise(signal);
        CHECK_FALSE(stop.requested());
        std::raise(signal == SIGINT ? SIGTERM : SIGINT);
        CHECK(stop.requested());
    }
}

TEST_CASE("a thread asks the server to stop as a signal does although signals are ignored") {
    const Heeded heeded;
    std::signal(SIGTERM, SIG_IGN);
    const lab::StopSignal stop;
    std::raise(SIGTERM);
    CHECK_FALSE(stop.requested());
    stop.request();
    CHECK(stop.requested());
    CHECK(wakes(stop));
}

TEST_CASE("signals that come while the server ends change nothing") {
    const Stop stop;
    stop.ignore();
    std::raise(SIGINT);
    std::raise(SIGTERM);
    CHECK_FALSE(stop.requested());
    CHECK_FALSE(wakes(stop));
}

TEST_CASE("signals that come after the server has ended are still ignored") {
    { const Stop stop; }
    for (const int signal : {SIGINT, SIGTERM}) {
        const bool ignored = std::signal(signal, SIG_IGN) == SIG_IGN;
        CHECK(ignored);
    }
}

TEST_CASE("writing to a client that has left fails and ends nothing") {
    const Stop stop;
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    close(ends[0]);
    CHECK(write(ends[1], "x", 1) < 0);
    CHECK(errno == EPIPE);
    close(ends[1]);
}

TEST_SUITE_END();
