#include "tests/support/patience.hpp"

#include <poll.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <thread>

namespace lab::test {
namespace {

using namespace std::chrono_literals;

// What compute() takes on an ordinary machine.
constexpr std::chrono::duration<double> kOrdinary = 50ms;
constexpr std::chrono::milliseconds kMaxPatience = 20s;

// Each step needs the one before, so no compiler and no processor can do two at once.
std::uint64_t compute() {
    std::uint64_t value = 1;
    for (int step = 0; step < 20'000'000; ++step) {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
    }
    return value;
}

// How many times longer than on an ordinary machine something takes here and now.
double slowness() {
    const auto begin = std::chrono::steady_clock::now();
    const volatile std::uint64_t result = compute();
    (void)result;
    const double computing = (std::chrono::steady_clock::now() - begin) / kOrdinary;
    double load = 0;
    // A burst may be over by now: the load of the last minute still tells of it.
    if (getloadavg(&load, 1) != 1) load = 0;
    return std::max(computing, load / std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

std::chrono::milliseconds patience(std::chrono::milliseconds limit) {
    const std::chrono::duration<double> more = std::max(0.0, slowness() - 1) * limit;
    return std::min(kMaxPatience, std::chrono::duration_cast<std::chrono::milliseconds>(more));
}

void pause_between_looks(std::chrono::milliseconds time) {
    poll(nullptr, 0, static_cast<int>(time.count()));
}

}  // namespace lab::test
