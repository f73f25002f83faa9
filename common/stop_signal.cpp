#include "common/stop_signal.hpp"

#include <atomic>
#include <csignal>

#include "common/check.hpp"

namespace lab {
namespace {

// A handler is told the signal's number and no more: what it touches stands here, and has no lock.
std::atomic<bool> stopping = false;
std::atomic<const WakePipe*> wake = nullptr;
static_assert(std::atomic<bool>::is_always_lock_free);
static_assert(std::atomic<const WakePipe*>::is_always_lock_free);

// The flag first: who is woken looks at it.
void stop(int) {
    stopping = true;
    wake.load()->wake();
}

}  // namespace

bool is_ignored(int number) {
    struct sigaction action {};
    check("sigaction", sigaction(number, nullptr, &action));
    return action.sa_handler == SIG_IGN;
}

StopSignal::StopSignal() {
    stopping = false;
    wake = &wake_;
    std::signal(SIGPIPE, SIG_IGN);
    for (const int number : {SIGINT, SIGTERM})
        if (!is_ignored(number)) std::signal(number, stop);
}

StopSignal::~StopSignal() {
    ignore();
}

bool StopSignal::requested() const {
    return stopping;
}

void StopSignal::request() const {
    stop(0);
}

void StopSignal::ignore() const {
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
}

}  // namespace lab
