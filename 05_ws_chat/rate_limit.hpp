// How often somebody may do something: a bucket of tokens that fills up again at a steady rate. It
// knows no clock.
#pragma once

#include <algorithm>
#include <chrono>

namespace ws_chat {

/// Allows `rate` messages a second in the long run, and twice that in a burst.
class RateLimit {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// `rate` 0 allows everything. The bucket is full at `now`.
    RateLimit(double rate, Time now) : rate_(rate), tokens_(2 * rate), filled_(now) {}

    /// Takes a token. Returns false if there is none: then the message is one too many.
    bool allow(Time now) {
        if (rate_ == 0) return true;
        const double seconds = std::chrono::duration<double>(now - filled_).count();
        tokens_ = std::min(2 * rate_, tokens_ + seconds * rate_);
        filled_ = now;
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

 private:
    double rate_;
    double tokens_;
    Time filled_;
};

}  // namespace ws_chat
