// A server of the tests' own for the client of 07_longpoll: it hears and says what a case wants.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/json.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/report.hpp"

namespace lab::test::longpoll {

/// A request of the client.
struct Asked {
    std::size_t connection = 0;  // on which it came: 0 for the first that the client made
    std::string method, target;
    HttpHead head;
    std::string body;

    /// The value of an argument in the target, percent-encoded as it came; none if it is not there.
    [[nodiscard]] std::optional<std::string> argument(const std::string& name) const;
};

/// The JSON of an answer.
std::string json_of(const News& news);
std::string json_of(const Receipt& receipt);

/// A whole response with `json`; `status` is "200 OK".
std::string json_response(const std::string& status, const std::string& json);

/// The server. Each member waits at most kDeadline and fails the case after that. One thread.
class Station {
 public:
    /// Where it listens.
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + listener_.port(); }
    [[nodiscard]] std::string port() const { return listener_.port(); }

    /// The next GET, or POST, on whatever connection; what else comes is kept for its turn.
    Asked next_get(const std::string& hint, Place place = Place::here());
    Asked next_post(const std::string& hint, Place place = Place::here());
    /// Whether there is no request of this method for `limit`.
    [[nodiscard]] bool is_silent(const std::string& method, std::chrono::milliseconds limit);

    /// Answers `asked` with 200 or 201 and JSON.
    void answer(const Asked& asked, const News& news, Place place = Place::here());
    void answer(const Asked& asked, const Receipt& receipt, Place place = Place::here());
    /// The connection on which `asked` came.
    Connection& connection(const Asked& asked) { return connections_[asked.connection]; }
    /// How many connections the client has made.
    [[nodiscard]] std::size_t connections() const { return connections_.size(); }
    /// Ends the connection on which `asked` came, in order or with a reset, without an answer.
    void hang_up(const Asked& asked, bool reset = false);

 private:
    Asked next(const std::string& method, const std::string& hint, Place place);
    std::optional<Asked> look(const std::string& method, std::chrono::milliseconds limit);
    void gather();

    Listener listener_;
    std::vector<Connection> connections_;
    std::vector<bool> open_;
    std::deque<Asked> asked_;  // the caller has not asked for these yet
};

}  // namespace lab::test::longpoll
