#include "02_threaded_chat/hub.hpp"

#include <poll.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <thread>
#include <utility>

namespace threaded_chat {

Hub::Hub(std::size_t limit) : limit_(limit), thread_([this] { run(); }) {
}

Hub::~Hub() {
    ending_ = true;
    wake_.wake();
}

void Hub::join(const std::shared_ptr<Member>& member) {
    const std::lock_guard lock(mutex_);
    member->next_round = first_round_ + rounds_.size();
    auto members = std::make_shared<Members>(*members_);
    members->push_back(member);
    members_ = std::move(members);
}

void Hub::leave(const std::shared_ptr<Member>& member) {
    const std::lock_guard lock(mutex_);
    auto members = std::make_shared<Members>(*members_);
    std::erase(*members, member);
    members_ = std::move(members);
}

void Hub::publish(const Member& sender, std::string_view lines) {
    {
        std::unique_lock lock(mutex_);
        // Where nothing is under way, there is room for any line: a long one would wait for ever.
        space_.wait(lock, [&] {
            return (rounds_.empty() && open_round_.bytes.empty()) ||
                   closed_cost_ + open_round_.cost() < limit_;
        });
        open_round_.add(sender.id(), lines);
        if (delivering_) return;
        delivering_ = true;
    }
    if (!deliver()) return;
    // More was said meanwhile. If we went on, somebody who talks without a pause could keep us from
    // reading what our own client says.
    const std::lock_guard lock(mutex_);
    handed_over_ = true;
    wake_.wake();
}

// Closes the open round, if something was said. With mutex_ held, by who delivers.
void Hub::close_round() {
    if (open_round_.bytes.empty()) return;
    closed_cost_ += open_round_.cost();
    rounds_.push_back(std::make_shared<const Round>(std::exchange(open_round_, {})));
}

// Walks once from member to member. Returns true if somebody has to walk once more, and false if
// nobody delivers any more. Out of memory, the program ends here: a hub that has stopped delivering
// would look alive.
bool Hub::deliver() noexcept {
    // Threads whose clients have just said something too get the processor first: so their lines
    // leave in the same send instead of one more.
    std::this_thread::yield();
    std::unique_lock lock(mutex_);
    close_round();
    const std::shared_ptr<const Members> members = members_;
    const std::size_t before_the_walk = rounds_.size();
    Members fell_behind;
    for (const std::shared_ptr<Member>& member : *members) {
        close_round();
        lock.unlock();
        const std::size_t given = member->next_round - first_round_;
        if (member->deliver(std::span(rounds_).subspan(given))) fell_behind.push_back(member);
        member->next_round = first_round_ + rounds_.size();
        lock.lock();
    }
    // Everybody has got what was closed before the walk; the rest, only those whose turn came
    // later.
    for (std::size_t i = 0; i < before_the_walk; ++i) closed_cost_ -= rounds_[i]->cost();
    rounds_.erase(rounds_.begin(), rounds_.begin() + static_cast<std::ptrdiff_t>(before_the_walk));
    first_round_ += before_the_walk;
    space_.notify_all();
    if (!fell_behind.empty()) {
        std::ranges::move(fell_behind, std::back_inserter(fell_behind_));
        wake_.wake();
    }
    delivering_ = !rounds_.empty() || !open_round_.bytes.empty();
    return delivering_;
}

void Hub::run() {
    Members behind;
    std::vector<pollfd> ready;
    bool walk = false;
    while (!ending_) {
        {
            const std::lock_guard lock(mutex_);
            std::ranges::move(std::exchange(fell_behind_, {}), std::back_inserter(behind));
            walk |= std::exchange(handed_over_, false);
        }
        if (walk) walk = deliver();

        ready.assign(1, {wake_.reading_end(), POLLIN, 0});
        for (const auto& member : behind) ready.push_back({member->socket(), POLLOUT, 0});
        if (poll(ready.data(), static_cast<nfds_t>(ready.size()), walk ? 0 : -1) <= 0) continue;
        if (ready[0].revents) wake_.clear();
        Members still_behind;
        for (std::size_t i = 0; i < behind.size(); ++i) {
            if (!ready[i + 1].revents || !behind[i]->send_waiting())
                still_behind.push_back(behind[i]);
        }
        behind = std::move(still_behind);
    }
}

}  // namespace threaded_chat
