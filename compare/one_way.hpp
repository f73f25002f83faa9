// Bytes on their way: they leave as they came, a while later. It knows no sockets and no clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace compare {

/// One direction of a path that takes time, and as many bytes a second as come. Holds at most
/// `limit` bytes and one piece more: who puts them in has to ask for room, and to leave them where
/// they are until there is some. One thread.
class OneWay {
 public:
    using Time = std::chrono::steady_clock::time_point;

    OneWay(std::chrono::milliseconds delay, std::size_t limit) : delay_(delay), limit_(limit) {}

    [[nodiscard]] bool has_room() const { return !ending_ && size_ < limit_; }
    /// Bytes that came `now`; and the end of the stream, behind all of them.
    void put(std::string_view bytes, Time now) {
        pieces_.push_back({std::string(bytes), now + delay_});
        size_ += bytes.size();
    }
    void end(Time now) {
        ending_ = true;
        end_due_ = now + delay_;
    }
    /// The same, but where it came from the stream is broken: RST, and not FIN.
    void break_off(Time now) {
        if (ending_) return;
        broken_ = true;
        end(now);
    }
    /// Nobody takes it any more: what is on its way is thrown away, and nothing more has room.
    void drop() {
        pieces_.clear();
        ending_ = ended_ = true;
    }
    /// Nothing leaves before that time.
    void hold(Time until) { held_until_ = std::max(held_until_, until); }

    /// When there will be something to do: bytes or the end; none if nothing is on its way.
    [[nodiscard]] std::optional<Time> due() const {
        if (!pieces_.empty()) return std::max(held_until_, pieces_.front().due);
        if (ending_ && !ended_) return std::max(held_until_, end_due_);
        return std::nullopt;
    }
    /// Bytes that may leave `now`: the first of them, or none.
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
    /// Whether it is time to pass the end of the stream on; true but once.
    bool take_end(Time now) {
        if (!pieces_.empty() || !ending_ || ended_ || *due() > now) return false;
        ended_ = true;
        return true;
    }
    [[nodiscard]] bool ended() const { return ended_; }
    /// Whether its end is that of a broken stream.
    [[nodiscard]] bool broken() const { return broken_; }

 private:
    struct Piece {
        std::string bytes;
        Time due;
    };
    const std::chrono::milliseconds delay_;
    const std::size_t limit_;
    std::deque<Piece> pieces_;
    std::size_t taken_ = 0;  // of the first piece
    std::size_t size_ = 0;
    bool ending_ = false;
    bool ended_ = false;
    bool broken_ = false;
    Time end_due_, held_until_;
};

}  // namespace compare
