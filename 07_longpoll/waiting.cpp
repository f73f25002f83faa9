#include "07_longpoll/waiting.hpp"

#include <iterator>
#include <utility>

namespace longpoll {

void Waiting::add(Waiter waiter, Time now, Duration wait) {
    if (waiter.question.gap) wait = Duration::zero();
    Entry& entry = entries_[waiter.connection];
    entry.by_wait = join(by_wait_[wait], &entry);
    entry.by_message = join(by_message_[waiter.question.after], &entry);
    entry.wait = wait;
    entry.deadline = now + wait;
    entry.waiter = std::move(waiter);
}

// Puts `entry` at the end of `queue`. Returns its place.
Waiting::Queue::iterator Waiting::join(Queue& queue, Entry* entry) {
    if (spare_.empty()) spare_.push_back(nullptr);
    spare_.front() = entry;
    queue.splice(queue.end(), spare_, spare_.begin());
    return std::prev(queue.end());
}

void Waiting::remove(http::Connection& connection) {
    if (const auto found = entries_.find(&connection); found != entries_.end()) take(found->second);
}

std::optional<Waiter> Waiting::take(Id last, Time now) {
    if (!by_message_.empty() && by_message_.begin()->first < last) return take_any();
    const Entry* const first = first_in_time();
    if (!first || first->deadline > now) return std::nullopt;
    return take(*first);
}

std::optional<Waiter> Waiting::take_any() {
    if (by_message_.empty()) return std::nullopt;
    return take(*by_message_.begin()->second.front());
}

Waiter Waiting::take(const Entry& entry) {
    spare_.splice(spare_.begin(), by_wait_[entry.wait], entry.by_wait);
    const auto by_message = by_message_.find(entry.waiter.question.after);
    spare_.splice(spare_.begin(), by_message->second, entry.by_message);
    if (by_message->second.empty()) by_message_.erase(by_message);
    return std::move(entries_.extract(entry.waiter.connection).mapped().waiter);
}

const Waiting::Entry* Waiting::first_in_time() const {
    const Entry* first = nullptr;
    for (const auto& [wait, queue] : by_wait_)
        if (!queue.empty() && (!first || queue.front()->deadline < first->deadline))
            first = queue.front();
    return first;
}

std::optional<Waiting::Time> Waiting::next_deadline() const {
    const Entry* const first = first_in_time();
    return first ? std::optional(first->deadline) : std::nullopt;
}

}  // namespace longpoll
