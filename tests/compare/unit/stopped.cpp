// Unit tests of the loop that serves all participants on a busy machine, which stops the program
// now and then.
#include <doctest/doctest.h>

#include <poll.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "common/wake_pipe.hpp"
#include "tests/compare/support/lines.hpp"

using namespace compare;
using namespace std::chrono_literals;
using lab::test::Connection;
using lab::test::Lines;

namespace {

volatile std::sig_atomic_t go_on = -1;  // the descriptor of the pipe that ends a stop

extern "C" void wait_to_go_on(int /*signal*/) {
    pollfd pipe{go_on, POLLIN, 0};
    poll(&pipe, 1, -1);
}

/// Stops the thread that has made it, as a busy machine may: in the handler of a signal.
class Stop {
 public:
    Stop() {
        go_on = wake_.reading_end();
        std::signal(SIGUSR1, wait_to_go_on);
    }
    void begin() const { pthread_kill(thread_, SIGUSR1); }
    void end() { wake_.wake(); }

 private:
    const pthread_t thread_ = pthread_self();
    lab::WakePipe wake_;
};

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a writer that the machine has stopped says what was due meanwhile") {
    Stop stop;
    Lines lines;
    lines.join([&](Connection& client) {
        std::vector<std::string> said{client.receive_line("the first one")};
        stop.begin();
        while (client.wait_for_bytes(1s)) said.push_back(client.receive_line("it was faster"));
        stop.end();
        while (said.size() < 10) said.push_back(client.receive_line("one more"));
        for (const std::string& line : said) client.send(line);
        client.receive_to_end("it leaves");
    });
    const auto begin = Clock::now();
    CHECK_MESSAGE(lines.session.speak({0}, 10, 20, begin + 600ms) == 10, "it needs 460 ms");
    CHECK(lines.session.settle(10s));
    lines.session.leave(0);
}

TEST_CASE("what has come while the machine stopped the program is no silence") {
    constexpr std::chrono::milliseconds kSilence = 3s;
    Stop stop;
    Lines lines;
    lines.join([&](Connection& client) {
        const std::string line = client.receive_line("a line");
        stop.begin();
        CHECK_FALSE_MESSAGE(client.wait_for_bytes(kSilence + 100ms), "all is said");
        client.send(line);
        stop.end();
        client.receive_to_end("it leaves");
    });
    lines.session.speak({0}, 1, 1e9);
    CHECK(lines.session.settle(kSilence));
    lines.session.leave(0);
}

TEST_SUITE_END();
