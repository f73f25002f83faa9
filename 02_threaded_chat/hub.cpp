#include "02_threaded_chat/hub.hpp"

#include <poll.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace threaded_chat {

Hub::Hub(std::size_t round_limit)
    : round_limit_(round_limit), thread_([this](const std::stop_token& stop) { run(stop); }) {
}

Hub::~Hub() {
    thread_.request_stop();
    wake_.wake();
}

void Hub::join(const std::shared_ptr<Member>& member) {
    const std::lock_guard lock(mutex_);
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
        round_begun_.wait(
            lock, [&] { return next_round_.bytes.empty() || next_round_.cost() < round_limit_; });
        next_round_.add(sender.id(), lines);
        if (delivering_) return;
        delivering_ = true;
    }
    if (!deliver_round()) return;
    // More was said meanwhile. If we went on, somebody who talks without a pause could keep us from
    // reading what our own client says.
    const std::lock_guard lock(mutex_);
    handed_over_ = true;
    wake_.wake();
}

// Delivers the next round. Returns true if there is one more, and false if nobody delivers any
// more. Out of memory, the program ends here: a hub that has stopped delivering would look alive.
bool Hub::deliver_round() noexcept {
    // Threads whose clients have just said something too get the processor first: so their lines
    // join this round, and leave in the same send instead of one more.
    std::this_thread::yield();
    std::unique_lock lock(mutex_);
    const auto round = std::make_shared<const Round>(std::exchange(next_round_, {}));
    const std::shared_ptr<const Members> members = members_;
    lock.unlock();
    round_begun_.notify_all();

    Members fell_behind;
    for (const std::shared_ptr<Member>& member : *members)
        if (member->deliver(round)) fell_behind.push_back(member);

    lock.lock();
    if (!fell_behind.empty()) {
        std::ranges::move(fell_behind, std::back_inserter(fell_behind_));
        wake_.wake();
    }
    delivering_ = !next_round_.bytes.empty();
    return delivering_;
}

void Hub::run(const std::stop_token& stop) {
    Members behind;
    std::vector<pollfd> ready;
    bool more_rounds = false;
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            std::ranges::move(std::exchange(fell_behind_, {}), std::back_inserter(behind));
            more_rounds |= std::exchange(handed_over_, false);
        }
        if (more_rounds) more_rounds = deliver_round();

        ready.assign(1, {wake_.reading_end(), POLLIN, 0});
        for (const auto& member : behind) ready.push_back({member->socket(), POLLOUT, 0});
        if (poll(ready.data(), static_cast<nfds_t>(ready.size()), more_rounds ? 0 : -1) <= 0)
            continue;
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
