// A delay line: bytes leave it as they came, a fixed time later. It knows no sockets and no clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// One direction of a path: it takes time, and has no limit of bytes per second. It holds at most
/// `capacity` bytes and one piece more, if its owner asks has_room() before each put().
class DelayLine {
 public:
    using Time = std::chrono::steady_clock::time_point;

    DelayLine(std::chrono::milliseconds delay, std::size_t capacity)
        : delay_(delay), capacity_(capacity) {}

    [[nodiscard]] bool has_room() const { return !ending_ && size_ < capacity_; }
    /// Bytes have come at `now`.
    void put(std::string_view bytes, Time now) {
        pieces_.push_back({std::string(bytes), now + delay_});
        size_ += bytes.size();
    }
    /// The stream has ended at `now`, behind all bytes: FIN.
    void end(Time now) {
        ending_ = true;
        end_due_ = now + delay_;
    }
    /// The same, but the stream is broken: RST.
    void break_off(Time now) {
        if (ending_) return;
        broken_ = true;
        end(now);
    }
    /// The receiver is gone: throws away what is under way, and has no room any more.
    void drop() {
        pieces_.clear();
        ending_ = ended_ = true;
    }
    /// Nothing leaves before `until`.
    void hold(Time until) { held_until_ = std::max(held_until_, until); }

    /// When bytes or the end may leave; none if nothing is under way.
    [[nodiscard]] std::optional<Time> due() const {
        if (!pieces_.empty()) return std::max(held_until_, pieces_.front().due);
        if (ending_ && !ended_) return std::max(held_until_, end_due_);
        return std::nullopt;
    }
    /// Bytes that may leave at `now`: the first of them, or none.
    [[nodiscard]] std::string_view ready(Time now) const {
        if (pieces_.empty() || *due() > now) return {};
        return std::string_view(pieces_.front().bytes).substr(taken_);
    }
    /// The first `count` bytes of ready() have left.
    void left(std::size_t count) {
        taken_ += count;
        size_ -= count;
        if (taken_ < pieces_.front().bytes.size()) return;
        pieces_.pop_front();
        taken_ = 0;
    }
    /// Whether the end of the stream leaves at `now`; true only once.
    bool take_end(Time now) {
        if (!pieces_.empty() || !ending_ || ended_ || *due() > now) return false;
        ended_ = true;
        return true;
    }
    /// Whether the end has left.
    [[nodiscard]] bool ended() const { return ended_; }
    /// Whether the end is that of a broken stream.
    [[nodiscard]] bool broken() const { return broken_; }

 private:
    struct Piece {
        std::string bytes;
        Time due;
    };
    const std::chrono::milliseconds delay_;
    const std::size_t capacity_;
    std::deque<Piece> pieces_;
    std::size_t taken_ = 0;  // bytes of the first piece
    std::size_t size_ = 0;
    bool ending_ = false;
    bool ended_ = false;
    bool broken_ = false;
    Time end_due_, held_until_;
};

}  // namespace relay
