// How long a client waits before its next try to connect: 05 to 07 have it in common, and
// common/http/page.js says the same for pages. It knows no clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <utility>

namespace lab {

/// Waits that double from half a second to 16 s. Each is shortened by a random part of up to a
/// half, so that clients that lost the same server do not all come back at the same instant. A
/// connection that opens and ends at once is no success: only one that has lasted brings the waits
/// back to the shortest.
class Backoff {
 public:
    using Time = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::milliseconds kFirst{500};
    static constexpr std::chrono::milliseconds kMaxWait{16'000};
    /// A connection that is up for this long has lasted.
    static constexpr std::chrono::milliseconds kLasting{5000};
    /// The longest wait that a server may ask for: with `retry:` or with Retry-After.
    static constexpr std::chrono::milliseconds kMaxAsked{3'600'000};

    /// The server has answered as it should at `now`: a connection is up, if none was before.
    void succeeded(Time now) {
        if (!up_since_) up_since_ = now;
    }
    /// The connection has brought something new, so it was of some use although it may not last:
    /// the longest that the next wait can be is halved, and not doubled.
    void brought_news() { brought_news_ = true; }

    /// A try has failed, or the connection has ended, at `now`. Returns how long to wait: at least
    /// a quarter of a second. `asked` is what the server asks for: the wait is no shorter than
    /// that, up to kMaxAsked, and longer by a random part of up to a half.
    std::chrono::milliseconds next(Time now, std::chrono::milliseconds asked = {}) {
        if (up_since_ && now - *up_since_ >= kLasting) longest_ = kFirst;
        up_since_.reset();
        const bool useful = std::exchange(brought_news_, false);
        if (useful) longest_ = std::max(longest_ / 2, kFirst);
        std::uniform_real_distribution<double> part(0.5, 1.0);
        const double random = part(random_);
        const auto own = longest_ * random;
        const auto wanted =
            std::clamp<std::chrono::milliseconds>(asked, {}, kMaxAsked) * (0.5 + random);
        if (!useful) longest_ = std::min(2 * longest_, kMaxWait);
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::max<std::chrono::duration<double, std::milli>>(own, wanted));
    }

 private:
    std::chrono::milliseconds longest_ = kFirst;
    std::optional<Time> up_since_;
    bool brought_news_ = false;
    std::mt19937 random_{std::random_device()()};
};

}  // namespace lab
