// How long to wait before the next try to connect, as 05_ws_chat needs it. It knows no clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace lab {

/// Waits that double from half a second to 16 s, each shortened by a random part of up to a half:
/// so that those who lost the same server do not all come back at the same instant. One thread.
class Backoff {
 public:
    /// How long to wait now; the next time it will be longer.
    std::chrono::milliseconds next() {
        std::uniform_real_distribution<double> part(0.5, 1.0);
        const auto wait =
            std::chrono::duration_cast<std::chrono::milliseconds>(longest_ * part(random_));
        longest_ = std::min(2 * longest_, kLongest);
        return wait;
    }
    /// A connection was there: begin anew.
    void reset() { longest_ = kFirst; }

 private:
    static constexpr std::chrono::milliseconds kFirst{500};
    static constexpr std::chrono::milliseconds kLongest{16'000};
    std::chrono::milliseconds longest_ = kFirst;
    std::mt19937 random_{std::random_device()()};
};

}  // namespace lab
