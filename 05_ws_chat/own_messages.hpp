// The client's own messages: how fast they are said, and which have come back. It knows no sockets
// and no clock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "05_ws_chat/limits.hpp"

namespace ws_chat {

/// The messages of one client, which the server sends to everyone, the sender too, in the order in
/// which they were said: so one that has come back has been heard by the chat.
class OwnMessages {
 public:
    /// Messages a second: a little less than what the server allows one who sends a whole file.
    static constexpr double kPace = 45;

    /// `name` is who says them, as the server puts it before each.
    OwnMessages(std::string name, RateLimit::Time now)
        : name_(std::move(name)), pace_(kPace, now) {}

    /// Whether the pace allows one more message at `now`, which is then to be said.
    bool may_say_one(RateLimit::Time now) { return pace_.allow(now); }

    /// `text` was sent.
    void said(const std::string& text) { unheard_.push_back(name_ + ": " + text); }

    /// The server has told that messages may be lost: perhaps some of those that have not come
    /// back.
    void may_be_lost() { doubtful_ = unheard_.size(); }

    /// `message` has arrived: perhaps one of ours. It is the oldest that has not come back, unless
    /// older ones are lost. Returns those, as the server would have sent them, and forgets them.
    std::deque<std::string> heard(const std::string& message) {
        const std::size_t candidates = std::min(unheard_.size(), doubtful_ + 1);
        const auto end = unheard_.begin() + static_cast<std::ptrdiff_t>(candidates);
        const auto found = std::find(unheard_.begin(), end, message);
        if (found == end) return {};
        std::deque<std::string> lost(unheard_.begin(), found);
        doubtful_ -= std::min(doubtful_, lost.size() + 1);
        unheard_.erase(unheard_.begin(), found + 1);
        return lost;
    }

    /// Whether all that was said has come back.
    [[nodiscard]] bool all_heard() const { return unheard_.empty(); }

    /// The connection is lost: nothing more comes back. Returns what has not, as the server would
    /// have sent it, and forgets it.
    std::deque<std::string> give_up() {
        doubtful_ = 0;
        return std::exchange(unheard_, {});
    }

 private:
    const std::string name_;
    RateLimit pace_;
    std::deque<std::string> unheard_;  // oldest first
    std::size_t doubtful_ = 0;         // so many of them, from the oldest on, may be lost
};

}  // namespace ws_chat
