// The hub of the chat: who is there, and who delivers what is said to all the others.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "02_threaded_chat/member.hpp"
#include "02_threaded_chat/wake_pipe.hpp"

namespace threaded_chat {

/// Owns the list of members and the lines that are to be delivered next. Whoever publishes when
/// nobody delivers, delivers: its own lines and those that others have added meanwhile, as one
/// round, with one send per member. Any thread may call its members.
class Hub {
 public:
    /// At most about `round_limit` bytes are gathered for the next round; who publishes more waits
    /// until that round has begun. Starts the hub's own thread.
    explicit Hub(std::size_t round_limit);
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    /// From now on the member gets what is published.
    void join(const std::shared_ptr<Member>& member);
    /// What was published before this call may still reach the member, nothing later.
    void leave(const std::shared_ptr<Member>& member);
    /// Delivers `lines`, whole lines, to all but `sender`. All members get all lines in the same
    /// order. Waits for no member.
    void publish(const Member& sender, std::string_view lines);

 private:
    using Members = std::vector<std::shared_ptr<Member>>;
    bool deliver_round() noexcept;
    void run(const std::stop_token& stop);

    const std::size_t round_limit_;
    const WakePipe wake_;

    std::mutex mutex_;  // guards all below; nobody sends while holding it
    // join and leave put a new list in its place: who delivers keeps the one that it began with.
    std::shared_ptr<const Members> members_ = std::make_shared<const Members>();
    Round next_round_;
    std::condition_variable round_begun_;
    // One thread delivers at a time, so that all members get the same order.
    bool delivering_ = false;
    bool handed_over_ = false;  // the one who delivers is the hub's own thread
    Members fell_behind_;       // for the hub's own thread to take

    std::jthread thread_;  // delivers to those who fell behind, and rounds handed over; ends first
};

}  // namespace threaded_chat
