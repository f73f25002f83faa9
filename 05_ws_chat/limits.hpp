// The limits of the chat: how many may be in it, and how often each may speak.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

namespace ws_chat {

/// A bounded number of places. Any thread may call its members.
class Places {
    struct GiveBack {
        void operator()(Places* owner) const { --owner->taken_; }
    };

 public:
    /// A place that is taken, or none. It is given back when its owner ends, which the Places
    /// outlive.
    using Place = std::unique_ptr<Places, GiveBack>;

    explicit Places(std::size_t most) : most_(most) {}

    /// Takes a place; returns none if all are taken.
    [[nodiscard]] Place take() {
        for (std::size_t taken = taken_; taken < most_;)
            if (taken_.compare_exchange_weak(taken, taken + 1)) return Place(this);
        return {};
    }
    /// Whether all are taken just now.
    [[nodiscard]] bool full() const { return taken_ >= most_; }

 private:
    const std::size_t most_;
    std::atomic<std::size_t> taken_ = 0;
};

using Place = Places::Place;

/// Allows `rate` messages a second in the long run, and twice that in a burst: a bucket of tokens
/// that fills up again at a steady rate. It knows no clock.
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
