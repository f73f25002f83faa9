// One client of the chat, as the server sees it: its socket, and what waits to be sent to it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/log.hpp"

namespace threaded_chat {

/// Lines that leave together, and who said which of them. A round that is on its way exists once,
/// however many members get it, and nobody changes it any more.
struct Round {
    /// Bytes `begin` to `end`, end excluded, and who said them.
    struct Part {
        std::uint64_t sender;  // Member::id()
        std::size_t begin, end;
    };
    std::string bytes;
    std::vector<Part> parts;  // in order, without gaps

    /// Appends what `sender` said. Only while nobody else has the round.
    void add(std::uint64_t sender, std::string_view lines) {
        parts.push_back({sender, bytes.size(), bytes.size() + lines.size()});
        bytes += lines;
    }
    /// The memory that it takes, in bytes: a flood of empty lines costs more than their bytes.
    [[nodiscard]] std::size_t cost() const {
        return sizeof(Round) + bytes.size() + parts.size() * sizeof(Part);
    }
};

/// One client. Its own thread alone reads the socket. Every thread may send, and does so without
/// waiting, with mutex_ held: that delays nobody but this one client.
class Member {
 public:
    /// Takes over `socket`, connected to `address`. What waits for a client who does not read may
    /// take `queue_limit` bytes.
    Member(lab::FileDescriptor socket, std::string address, std::size_t queue_limit,
           lab::Trace trace);

    /// Different for each member that ever was.
    [[nodiscard]] std::uint64_t id() const { return id_; }
    /// The socket, for recv(2) and poll(2); open as long as the member lives.
    [[nodiscard]] int socket() const { return socket_.number(); }
    /// The peer's "address:port", for the log.
    [[nodiscard]] const std::string& address() const { return address_; }

    /// Sends what others said in `rounds`, in one call. What the socket does not take waits, and so
    /// does all that comes later; if more than `queue_limit` bytes wait, the member is cut off.
    /// Returns true if something waits that did not before: then somebody has to call
    /// send_waiting() when the socket is writable. Any thread; never blocks.
    [[nodiscard]] bool deliver(std::span<const std::shared_ptr<const Round>> rounds);

    /// Sends what waits, as far as the socket takes it. Returns true if nothing waits any more. Any
    /// thread; never blocks.
    bool send_waiting();

    /// The number of the first round that the hub has not given it yet. Only for who delivers.
    std::uint64_t next_round = 0;

    /// Takes leave: no more rounds; what waits, then `last_words`, if any, and the end of the
    /// stream (FIN) are sent; then reads until the client ends its stream too, for closing a socket
    /// with unread bytes would send a reset, which may destroy what was sent last. Gives up after
    /// `patience`. Only the member's own thread.
    void say_goodbye(const std::string& last_words, std::chrono::milliseconds patience);

 private:
    struct Stretch {  // bytes `begin` to `end` of the round waiting_[round]
        std::size_t round, begin, end;
    };
    std::size_t gather(std::span<Stretch> stretches) const;
    void advance(std::span<const Stretch> stretches, std::size_t sent);
    void send_some();
    ssize_t send_stretches(std::span<const Stretch> stretches) const;
    void forget_waiting();

    const std::uint64_t id_;
    const lab::FileDescriptor socket_;
    const std::string address_;
    const std::size_t queue_limit_;
    const lab::Trace trace_;

    std::mutex mutex_;  // guards all below, and that one call sends at a time
    std::vector<std::shared_ptr<const Round>> waiting_;
    std::size_t position_ = 0;      // in waiting_.front(): how far it is sent
    std::size_t waiting_cost_ = 0;  // the sum over waiting_
    bool open_ = true;              // takes rounds
};

}  // namespace threaded_chat
