// Places for connections, of which there are only so many.
#pragma once

#include <atomic>
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

}  // namespace ws_chat
