// From a point in time to what poll(2) wants to be told. 02_threaded_chat shows it in the open.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace lab {

/// How long it is until `time`, in milliseconds, rounded up: rounded down, poll would return too
/// early and be called in vain until the time has come. 0 if it is past; -1, which poll takes for
/// no limit, for time_point::max().
inline int milliseconds_until(std::chrono::steady_clock::time_point time) {
    using Clock = std::chrono::steady_clock;
    if (time == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now());
    return static_cast<int>(
        std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace lab
