// From a point in time to what poll(2) wants to be told.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace udp {

/// How long it is until `time`, in milliseconds, rounded up: rounded down, poll would return too
/// early and be called in vain until the time has come. 0 if it is past. Any thread may call it.
inline int milliseconds_until(std::chrono::steady_clock::time_point time) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(time - std::chrono::steady_clock::now());
    return static_cast<int>(
        std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace udp
