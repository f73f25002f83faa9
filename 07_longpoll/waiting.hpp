// Those who wait for news: who, after which message, and until when. It knows no sockets and no
// clock.
#pragma once

#include <chrono>
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

/// The connections whose request waits. They are kept in two orders, so that neither news nor a
/// time-out has to look at those whom it does not concern.
class Waiting {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// `waiter`, whose connection does not wait yet, waits for what comes after its question, until
    /// `deadline`; not at all if the question has a gap.
    void add(Waiter waiter, Time deadline);
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
    using ByDeadline = std::multimap<Time, http::Connection*>;
    using ByMessage = std::multimap<Id, http::Connection*>;
    struct Entry {
        Waiter waiter;
        ByDeadline::iterator by_deadline;
        ByMessage::iterator by_message;
    };
    Waiter take(http::Connection* connection);

    std::unordered_map<http::Connection*, Entry> entries_;
    ByDeadline by_deadline_;
    ByMessage by_message_;  // that they have had
};

}  // namespace longpoll
