// Those who wait for news: who, after which message, and until when. It knows no sockets and no
// clock.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "07_longpoll/mailbox.hpp"
#include "common/http/head.hpp"

namespace http {
class Connection;
}

namespace longpoll {

/// One who waits.
struct Waiter {
    http::Connection* connection = nullptr;
    Question question;
    std::vector<http::Field> fields;  // further ones of the answer
};

/// The connections whose request waits. They stand in queues of two kinds, so that neither news nor
/// a time-out has to look at those whom it does not concern.
class Waiting {
 public:
    using Time = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    /// `waiter`, whose connection does not wait yet, waits from `now` on for what comes after its
    /// question, as long as `wait`, of which there are few; not at all if the question has a gap.
    /// `now` never goes back.
    void add(Waiter waiter, Time now, Duration wait);
    /// `connection` is to be answered no more, if it waited at all.
    void remove(http::Connection& connection);

    /// Takes out one for whom there is news, `last` being the last message, or else one whose time
    /// has come at `now`; none if there is none. Those who ask after the same message come one
    /// after the other.
    std::optional<Waiter> take(Id last, Time now);
    /// Takes out one, whatever he waits for.
    std::optional<Waiter> take_any();

    /// When the first of them will have waited long enough, if there is any.
    [[nodiscard]] std::optional<Time> next_deadline() const;

 private:
    struct Entry;
    using Queue = std::list<Entry*>;
    struct Entry {
        Waiter waiter;
        Duration wait{};
        Time deadline;
        Queue::iterator by_wait, by_message;  // its places
    };
    Queue::iterator join(Queue& queue, Entry* entry);
    Waiter take(const Entry& entry);
    [[nodiscard]] const Entry* first_in_time() const;

    std::unordered_map<http::Connection*, Entry> entries_;
    // Those who wait equally long: the first one's time comes first. An empty queue stays.
    std::map<Duration, Queue> by_wait_;
    std::map<Id, Queue> by_message_;  // those who have had the same one last
    Queue spare_;  // places that nobody has: to keep them costs less than to make new ones
};

}  // namespace longpoll
