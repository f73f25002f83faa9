#include "02_threaded_chat/room.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"

namespace threaded_chat {
namespace {

// How many pieces one call sends: more than there are for any member but one that talks a lot.
constexpr std::size_t kMaxPieces = 64;

}  // namespace

Room::Room(std::size_t queue, lab::Trace trace)
    : queue_(queue), trace_(trace), thread_([this] { run(); }) {
}

Room::~Room() {
    ending_ = true;
    wake_.wake();
}

// --- the mailbox: any thread --------------------------------------------------------------------

void Room::publish(const Connection& client, std::string_view lines) {
    std::unique_lock lock(mutex_);
    // An empty mailbox takes a line of any length.
    space_.wait(lock, [&] {
        return said_.empty() || said_.size() + said_by_.size() * sizeof(Part) < queue_;
    });
    const bool was_empty = said_.empty();
    said_ += lines;
    end_ += lines.size();
    if (!said_by_.empty() && said_by_.back().sender == client.id)
        said_by_.back().end = end_;
    else
        said_by_.push_back({client.id, end_});
    lock.unlock();
    if (was_empty) wake_.wake();
}

void Room::join(std::shared_ptr<const Connection> client) {
    const std::uint64_t id = client->id;
    put({.kind = Change::Kind::join, .id = id, .client = std::move(client)});
}

void Room::leave(const Connection& client, const std::string& last_words) {
    put({.kind = Change::Kind::leave, .id = client.id, .last_words = last_words});
}

void Room::forget(const Connection& client) {
    put({.kind = Change::Kind::forget, .id = client.id});
}

void Room::put(Change change) {
    {
        const std::lock_guard lock(mutex_);
        change.at = end_;
        changes_.push_back(std::move(change));
    }
    wake_.wake();
}

// --- the room's own thread ----------------------------------------------------------------------

// Out of memory, the program ends here: a room that has stopped sending would look alive.
void Room::run() noexcept {
    while (!ending_ || !members_.empty()) {
        wait();
        take_mail();
        for (auto& [id, member] : members_) serve(member);
        const auto now = Clock::now();
        std::erase_if(members_, [&](const auto& entry) {
            const Member& member = entry.second;
            if (now >= member.deadline) shutdown(member.client->socket.number(), SHUT_RDWR);
            return now >= member.deadline || (member.finished && !member.unread);
        });
        forget_sent();
    }
}

// Waits for mail, or until the socket of a member that is blocked takes more.
void Room::wait() {
    std::vector<pollfd> ready{{wake_.reading_end(), POLLIN, 0}};
    auto deadline = Clock::time_point::max();
    for (const auto& [id, member] : members_) {
        if (member.blocked) ready.push_back({member.client->socket.number(), POLLOUT, 0});
        deadline = std::min(deadline, member.deadline);
    }
    const bool bounded = deadline != Clock::time_point::max();
    if (poll(ready.data(), static_cast<nfds_t>(ready.size()),
             bounded ? lab::milliseconds_until(deadline) : -1) <= 0)
        return;
    if (ready[0].revents) wake_.clear();
    // The members that are blocked stand in the same order there.
    auto next = ready.begin() + 1;
    for (auto& [id, member] : members_)
        if (member.blocked && next++->revents) member.blocked = false;
}

// Empties the mailbox into the log.
void Room::take_mail() {
    std::vector<Change> changes;
    {
        const std::lock_guard lock(mutex_);
        log_ += said_;
        parts_.insert(parts_.end(), said_by_.begin(), said_by_.end());
        said_.clear();
        said_by_.clear();
        changes.swap(changes_);
    }
    space_.notify_all();
    for (Change& change : changes) apply(change);
}

void Room::apply(Change& change) {
    if (change.kind == Change::Kind::join) {
        members_.emplace(change.id,
                         Member{.client = std::move(change.client), .position = change.at});
        return;
    }
    const auto found = members_.find(change.id);
    if (found == members_.end()) return;
    Member& member = found->second;
    if (change.kind == Change::Kind::leave) {
        member.until = change.at;
        member.last_words = std::move(change.last_words);
        member.deadline = Clock::now() + kGoodbye;
    } else {
        member.unread = false;
    }
}

// Sends what the member lacks, as far as its socket takes it.
void Room::serve(Member& member) {
    if (member.finished) return;
    if (!member.blocked) member.blocked = !send_waiting(member);
    if (member.blocked && lag(member) > queue_) {
        cut_off(member);
    } else if (!member.blocked && member.until != kNever) {
        member.finished = true;
        lab::capture::shut_down(member.client->socket.number());
        shutdown(member.client->socket.number(), SHUT_WR);
    }
}

// Returns false if the socket takes no more.
bool Room::send_waiting(Member& member) {
    for (;;) {
        const std::vector<std::string_view> pieces = gather(member);
        if (pieces.empty()) return true;
        const ssize_t sent = send_pieces(*member.client, pieces);
        if (sent >= 0) {
            advance(member, pieces, static_cast<std::size_t>(sent));
        } else if (errno != EINTR) {
            if (lab::try_again()) return false;
            // The client is gone; its own thread will notice.
            member.finished = true;
            return true;
        }
    }
}

// What the member lacks: all but what it said itself, then its last words.
std::vector<std::string_view> Room::gather(Member& member) const {
    std::vector<std::string_view> pieces;
    const Position end = std::min(begin_ + log_.size(), member.until);
    Position begin = member.position;
    for (auto part = part_at(begin); begin < end && pieces.size() < kMaxPieces; ++part) {
        const Position stop = std::min(part->end, end);
        if (part->sender != member.client->id) {
            const char* const bytes = log_.data() + offset(begin);
            const std::size_t size = offset(stop) - offset(begin);
            // Parts that stand side by side leave as one piece, whoever said them.
            if (!pieces.empty() && pieces.back().data() + pieces.back().size() == bytes)
                pieces.back() = {pieces.back().data(), pieces.back().size() + size};
            else
                pieces.emplace_back(bytes, size);
        }
        begin = stop;
    }
    if (pieces.empty()) member.position = begin;
    if (begin == end && !member.last_words.empty()) pieces.emplace_back(member.last_words);
    return pieces;
}

// One call for all pieces. Returns what send(2) returned.
ssize_t Room::send_pieces(const Connection& client,
                          const std::vector<std::string_view>& pieces) const {
    ssize_t sent = 0;
    // lesson: send
    if (pieces.size() == 1) {
        // The usual case, for which send(2) costs less than sendmsg(2).
        sent = send(client.socket.number(), pieces[0].data(), pieces[0].size(), MSG_DONTWAIT);
    } else {
        std::vector<iovec> vectors;
        // Only read here: the structure has no const because recvmsg(2) uses it too.
        for (const std::string_view piece : pieces)
            vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = vectors.size();
        sent = sendmsg(client.socket.number(), &message, MSG_DONTWAIT);
    }
    // lesson end
    lab::capture::sent(client.socket.number(), pieces, sent);
    if (trace_.on() && sent > 0) {
        std::string bytes;
        for (const std::string_view piece : pieces) bytes += piece;
        trace_.sent(client.address, bytes.substr(0, static_cast<std::size_t>(sent)));
    }
    return sent;
}

// Moves on by `sent` bytes of the pieces that gather() found.
void Room::advance(Member& member, const std::vector<std::string_view>& pieces, std::size_t sent) {
    // A member that reads on has another kGoodbye, unless the end of the server waits for it.
    if (member.until != kNever && !ending_) member.deadline = Clock::now() + kGoodbye;
    for (const std::string_view piece : pieces) {
        const std::size_t taken = std::min(sent, piece.size());
        sent -= taken;
        if (piece.data() == member.last_words.data())
            member.last_words.erase(0, taken);
        else
            member.position = begin_ + static_cast<Position>(piece.data() - log_.data()) + taken;
        if (taken < piece.size()) return;
    }
}

std::deque<Room::Part>::const_iterator Room::part_at(Position position) const {
    return std::ranges::upper_bound(parts_, position, {}, &Part::end);
}

// The memory that is kept for the member, in bytes: a flood of empty lines costs more than its
// bytes.
std::size_t Room::lag(const Member& member) const {
    const auto parts = static_cast<std::size_t>(parts_.end() - part_at(member.position));
    return log_.size() - offset(member.position) + parts * sizeof(Part);
}

void Room::cut_off(Member& member) {
    lab::log(member.client->address + " is cut off: it does not read");
    member.finished = true;
    // With this option close(2) drops what the kernel still holds for it, and sends a reset.
    const int socket = member.client->socket.number();
    const linger at_once{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    // Its own thread waits in recv: this wakes it.
    shutdown(socket, SHUT_RDWR);
}

// Drops what no member lacks. The rest has to be moved to the front then: that is worth it when it
// is the smaller half.
void Room::forget_sent() {
    Position needed = begin_ + log_.size();
    for (const auto& [id, member] : members_)
        if (!member.finished) needed = std::min(needed, member.position);
    const std::size_t sent = offset(needed);
    if (log_.size() - sent > sent) return;
    log_.erase(0, sent);
    begin_ = needed;
    parts_.erase(parts_.begin(), part_at(needed));
}

}  // namespace threaded_chat
