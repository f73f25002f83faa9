// The hub of the chat: who is there, and who delivers what is said to all the others.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "02_threaded_chat/member.hpp"
#include "common/thread.hpp"
#include "common/wake_pipe.hpp"

namespace threaded_chat {

/// Owns the list of members and the lines that are to be delivered. Whoever publishes when nobody
/// delivers, delivers: it walks from member to member, and gives each, in one send, all that was
/// said until its turn, also what was said after the walk began. Any thread may call its members.
class Hub {
 public:
    /// At most about `limit` bytes are on their way to the members; who publishes more waits until
    /// each member has had its turn. Starts the hub's own thread.
    explicit Hub(std::size_t limit);
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
    void close_round();
    bool deliver() noexcept;
    void run();

    const std::size_t limit_;
    const lab::WakePipe wake_;

    std::mutex mutex_;  // guards all below; nobody sends while holding it
    // join and leave put a new list in its place: who delivers keeps the one that it began with.
    std::shared_ptr<const Members> members_ = std::make_shared<const Members>();
    Round open_round_;  // takes what is published
    // Closed, and not yet given to all. Only who delivers changes these, and so may read them
    // without the mutex.
    std::vector<std::shared_ptr<const Round>> rounds_;
    std::uint64_t first_round_ = 0;  // the number of rounds_.front()
    std::size_t closed_cost_ = 0;    // the sum over rounds_
    std::condition_variable space_;  // some of them have gone
    // One thread delivers at a time, so that all members get the same order.
    bool delivering_ = false;
    bool handed_over_ = false;  // the one who delivers is the hub's own thread
    Members fell_behind_;       // for the hub's own thread to take

    std::atomic<bool> ending_ = false;

    lab::Thread thread_;  // delivers to those who fell behind, and what is handed over; ends first
};

}  // namespace threaded_chat
