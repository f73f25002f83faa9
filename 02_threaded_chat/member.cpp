#include "02_threaded_chat/member.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

#include "common/check.hpp"

namespace threaded_chat {
namespace {

using namespace std::chrono_literals;

// How many stretches one call sends: more than a round has for any member but one who talks a lot.
constexpr std::size_t kMostStretches = 64;

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

}  // namespace

Member::Member(lab::FileDescriptor socket, std::string address, std::size_t queue_limit,
               lab::Trace trace)
    : id_(next_id()),
      socket_(std::move(socket)),
      address_(std::move(address)),
      queue_limit_(queue_limit),
      trace_(trace) {
}

bool Member::deliver(std::span<const std::shared_ptr<const Round>> rounds) {
    const std::lock_guard lock(mutex_);
    if (!open_) return false;
    const bool waited_before = !waiting_.empty();
    waiting_.insert(waiting_.end(), rounds.begin(), rounds.end());
    for (const auto& round : rounds) waiting_cost_ += round->cost();
    // Who has something waiting is served when its socket is writable again: trying now is in vain.
    if (!waited_before) send_some();
    if (waiting_cost_ > queue_limit_) {
        lab::log(address_ + " is cut off: it does not read");
        // With this option close(2) drops what the kernel still holds for it, and sends a reset.
        const linger at_once{1, 0};
        setsockopt(socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        forget_waiting();
        // Its own thread waits in recv: this wakes it.
        shutdown(socket(), SHUT_RDWR);
    }
    return !waited_before && !waiting_.empty();
}

bool Member::send_waiting() {
    const std::lock_guard lock(mutex_);
    send_some();
    return waiting_.empty();
}

void Member::say_goodbye(const std::string& last_words, std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + patience;
    // False when patience is over, also with one who never stops sending.
    const auto wait_for = [&](short events) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd ready{socket(), events, 0};
        return left > 0ms && poll(&ready, 1, static_cast<int>(left.count())) != 0;
    };
    {
        const std::lock_guard lock(mutex_);
        if (open_ && !last_words.empty()) {
            auto round = std::make_shared<Round>();
            round->add(0, last_words);
            waiting_cost_ += round->cost();
            waiting_.push_back(std::move(round));
        }
        open_ = false;
    }
    while (!send_waiting() && wait_for(POLLOUT)) {
    }
    shutdown(socket(), SHUT_WR);
    std::array<char, 4096> unread;
    while (wait_for(POLLIN)) {
        const ssize_t received = recv(socket(), unread.data(), unread.size(), MSG_DONTWAIT);
        if (received == 0 || (received < 0 && !lab::try_again())) break;
    }
}

// Finds what of waiting_ is still to be sent: all but what this member said itself. Returns how
// many stretches it found, at most stretches.size().
std::size_t Member::gather(std::span<Stretch> stretches) const {
    std::size_t count = 0;
    std::size_t begin = position_;
    for (std::size_t i = 0; i < waiting_.size(); ++i, begin = 0) {
        const auto found = [&](std::size_t end) {
            if (begin < end && count < stretches.size()) stretches[count++] = {i, begin, end};
        };
        for (const Round::Part& part : waiting_[i]->parts) {
            if (part.sender != id_ || part.end <= begin) continue;
            found(part.begin);
            begin = part.end;
        }
        found(waiting_[i]->bytes.size());
        if (count == stretches.size()) break;
    }
    return count;
}

// Moves on by `sent` bytes of the stretches that gather() found.
void Member::advance(std::span<const Stretch> stretches, std::size_t sent) {
    std::size_t round = 0;
    for (const Stretch& stretch : stretches) {
        const std::size_t taken = std::min(sent, stretch.end - stretch.begin);
        round = stretch.round;
        position_ = stretch.begin + taken;
        sent -= taken;
        if (position_ < stretch.end) break;
    }
    for (std::size_t i = 0; i < round; ++i) waiting_cost_ -= waiting_[i]->cost();
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(round));
}

// Sends until nothing waits or the socket takes no more. With mutex_ held.
void Member::send_some() {
    while (!waiting_.empty()) {
        std::array<Stretch, kMostStretches> space;
        const std::span stretches(space.data(), gather(space));
        if (stretches.empty()) {
            waiting_.clear();
            position_ = waiting_cost_ = 0;
            return;
        }
        const ssize_t sent = send_stretches(stretches);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && lab::try_again()) return;
        if (sent < 0) return forget_waiting();  // the client is gone; its own thread will notice
        advance(stretches, static_cast<std::size_t>(sent));
    }
}

// One call for all stretches. Returns what send(2) returned.
ssize_t Member::send_stretches(std::span<const Stretch> stretches) const {
    std::array<iovec, kMostStretches> vectors;
    for (std::size_t i = 0; i < stretches.size(); ++i) {
        const auto [round, begin, end] = stretches[i];
        // Only read here: the structure has no const because recvmsg(2) uses it too.
        vectors[i] = {const_cast<char*>(waiting_[round]->bytes.data()) + begin, end - begin};
    }
    ssize_t sent = 0;
    // lesson: send
    if (stretches.size() == 1) {
        // The usual case, for which send(2) costs less than sendmsg(2).
        sent = send(socket(), vectors[0].iov_base, vectors[0].iov_len, MSG_DONTWAIT);
    } else {
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = stretches.size();
        sent = sendmsg(socket(), &message, MSG_DONTWAIT);
    }
    // lesson end
    if (trace_.on() && sent > 0) {
        std::string bytes;
        for (const iovec& vector : std::span(vectors.data(), stretches.size()))
            bytes.append(static_cast<const char*>(vector.iov_base), vector.iov_len);
        trace_.sent(address_, std::string_view(bytes).substr(0, static_cast<std::size_t>(sent)));
    }
    return sent;
}

void Member::forget_waiting() {
    open_ = false;
    waiting_.clear();
    position_ = waiting_cost_ = 0;
}

}  // namespace threaded_chat
