// The room of the chat: who is there, what was said, and the one thread that sends it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/log.hpp"
#include "common/thread.hpp"
#include "common/wake_pipe.hpp"

namespace threaded_chat {

/// A client's connection. Its own thread alone reads the socket, the room's thread alone sends.
struct Connection {
    std::uint64_t id;  // different for each that ever was
    lab::FileDescriptor socket;
    std::string address;  // "address:port"
};

/// Sends to each member what the others say: each line whole, and all in the same order. The
/// threads of the clients put what is said into a mailbox; the room's own thread owns the log, into
/// which the mailbox is emptied, and the members, each with a position in the log. Any thread may
/// call its functions.
class Room {
 public:
    /// How long a member that leaves may take nothing of what waits for it, and how long the end of
    /// the server waits for one that is slow: less than a second.
    static constexpr std::chrono::milliseconds kGoodbye{500};

    /// A member that lacks more than about `queue` bytes is cut off. Starts the room's thread.
    Room(std::size_t queue, lab::Trace trace);
    /// All members must have left. Waits until each has what it lacks, kGoodbye at most.
    ~Room();
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    /// From now on the client gets what others say.
    void join(std::shared_ptr<const Connection> client);
    /// The client says `lines`, whole lines. Waits while the mailbox is full, but for no member.
    void publish(const Connection& client, std::string_view lines);
    /// The client leaves: it gets what was said before this call, then `last_words` and the end of
    /// the stream (FIN). When kGoodbye has passed since it took anything, the connection is ended
    /// both ways.
    void leave(const Connection& client, const std::string& last_words);
    /// After leave(): nobody reads the client's socket any more, so it may be closed.
    void forget(const Connection& client);

 private:
    using Clock = std::chrono::steady_clock;
    using Position = std::uint64_t;  // in all that was ever said: a number of bytes
    static constexpr Position kNever = std::numeric_limits<Position>::max();

    struct Part {
        std::uint64_t sender;
        Position end;  // and begins where the part before it ends
    };
    struct Change {
        enum class Kind { join, leave, forget } kind;
        std::uint64_t id;
        std::shared_ptr<const Connection> client = nullptr;  // of join
        std::string last_words = {};                         // of leave
        Position at = 0;                                     // what had been said by then
    };
    struct Member {
        std::shared_ptr<const Connection> client;
        Position position;        // all before it is sent, or was said by the member itself
        Position until = kNever;  // it gets nothing from here on: it leaves
        Clock::time_point deadline = Clock::time_point::max();  // of its leave
        std::string last_words = {};
        bool blocked = false;   // its socket takes no more
        bool finished = false;  // it gets nothing more
        bool unread = true;     // its thread still reads what it says
    };

    void put(Change change);
    void run() noexcept;
    void wait();
    void take_mail();
    void apply(Change& change);
    void serve(Member& member);
    bool send_waiting(Member& member);
    std::vector<std::string_view> gather(Member& member) const;
    ssize_t send_pieces(const Connection& client,
                        const std::vector<std::string_view>& pieces) const;
    void advance(Member& member, const std::vector<std::string_view>& pieces, std::size_t sent);
    [[nodiscard]] std::deque<Part>::const_iterator part_at(Position position) const;
    // How far behind the beginning of log_ this is.
    [[nodiscard]] std::size_t offset(Position position) const {
        return static_cast<std::size_t>(position - begin_);
    }
    [[nodiscard]] std::size_t lag(const Member& member) const;
    void cut_off(Member& member);
    void forget_sent();

    const std::size_t queue_;
    const lab::Trace trace_;
    const lab::WakePipe wake_;
    std::atomic<bool> ending_ = false;

    // Guards the mailbox, which is all down to space_. Nobody sends while holding it.
    std::mutex mutex_;
    std::string said_;
    std::vector<Part> said_by_;  // who said which bytes of said_
    std::vector<Change> changes_;
    Position end_ = 0;               // of said_
    std::condition_variable space_;  // the mailbox was emptied

    // The room's thread alone touches these.
    std::string log_;         // what was said, as far back as a member lacks it
    Position begin_ = 0;      // of log_
    std::deque<Part> parts_;  // of log_
    std::map<std::uint64_t, Member> members_;

    lab::Thread thread_;  // ends first
};

}  // namespace threaded_chat
