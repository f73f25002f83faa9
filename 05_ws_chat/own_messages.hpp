// The client's own messages: how fast they are said, and which have come back. It knows no sockets
// and no clock.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "05_ws_chat/rate_limit.hpp"

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

    /// `message` has arrived: perhaps the oldest of ours.
    void heard(const std::string& message) {
        if (!unheard_.empty() && unheard_.front() == message) unheard_.pop_front();
    }

    /// Whether all that was said has come back.
    [[nodiscard]] bool all_heard() const { return unheard_.empty(); }

    /// The connection is lost: nothing more comes back. Returns what has not, as the server would
    /// have sent it, and forgets it.
    std::deque<std::string> give_up() { return std::exchange(unheard_, {}); }

 private:
    const std::string name_;
    RateLimit pace_;
    std::deque<std::string> unheard_;  // oldest first
};

}  // namespace ws_chat
