#include "07_longpoll/waiting.hpp"

#include <utility>

namespace longpoll {

void Waiting::add(Waiter waiter, Time deadline) {
    http::Connection* const connection = waiter.connection;
    if (waiter.question.gap) deadline = Time::min();
    // Mostly all wait equally long, and for the newest message: then it goes in at the end.
    const auto by_deadline = by_deadline_.emplace_hint(by_deadline_.end(), deadline, connection);
    const auto by_message =
        by_message_.emplace_hint(by_message_.end(), waiter.question.after, connection);
    entries_.emplace(connection, Entry{std::move(waiter), by_deadline, by_message});
}

void Waiting::remove(http::Connection& connection) {
    if (entries_.contains(&connection)) take(&connection);
}

std::optional<Waiter> Waiting::take(Id last, Time now) {
    if (entries_.empty()) return std::nullopt;
    if (by_message_.begin()->first < last) return take(by_message_.begin()->second);
    if (by_deadline_.begin()->first <= now) return take(by_deadline_.begin()->second);
    return std::nullopt;
}

std::optional<Waiter> Waiting::take_any() {
    if (entries_.empty()) return std::nullopt;
    return take(by_message_.begin()->second);
}

Waiter Waiting::take(http::Connection* connection) {
    auto entry = entries_.extract(connection);
    by_deadline_.erase(entry.mapped().by_deadline);
    by_message_.erase(entry.mapped().by_message);
    return std::move(entry.mapped().waiter);
}

std::optional<Waiting::Time> Waiting::next_deadline() const {
    if (by_deadline_.empty()) return std::nullopt;
    return by_deadline_.begin()->first;
}

}  // namespace longpoll
