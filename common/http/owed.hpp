// Connections that are owed a response until something elsewhere is known: a broker's answer.
#pragma once

#include <cstdint>
#include <map>

#include "common/http/connection.hpp"

namespace http {

/// The connections that wait for something, each under a number of its own: so that what comes for
/// one that is gone does not go to another, to which its memory belongs by now.
class Owed {
 public:
    using Number = std::uint64_t;

    /// `connection` is owed a response. Returns the number to take() it with.
    Number add(Connection& connection) {
        connections_.emplace(++last_, &connection);
        return last_;
    }
    /// The connection of this number, which is owed nothing more from here; null if it is gone.
    Connection* take(Number number) {
        const auto found = connections_.extract(number);
        return found ? found.mapped() : nullptr;
    }
    /// `connection` is about to be destroyed.
    void gone(const Connection& connection) {
        std::erase_if(connections_, [&](const auto& entry) { return entry.second == &connection; });
    }

 private:
    std::map<Number, Connection*> connections_;
    Number last_ = 0;
};

}  // namespace http
