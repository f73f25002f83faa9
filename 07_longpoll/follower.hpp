// How a client follows the chat from answer to answer: the state that a server of long polling does
// not keep. It knows no sockets.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "07_longpoll/answer.hpp"

namespace longpoll {

/// Knows what has been seen, so that each message is shown once, over any number of connections and
/// over a restart of the server.
class Follower {
 public:
    /// The news in an answer.
    struct News {
        std::vector<Message> messages;   // never seen before
        std::vector<std::string> notes;  // what there is to say about them
        bool ask_at_once = false;        // whether there may be more to come without a wait
        bool restarted = false;          // the answer is that of another run of the server
    };

    /// Each request but the first may be parked for `wait`.
    explicit Follower(std::chrono::seconds wait) : wait_(wait) {}

    /// The target of the next GET: until its answer is taken, it is the same if it is sent again.
    [[nodiscard]] std::string target() const;
    /// Takes the answer to a GET for target().
    News take(const Answer& answer);

    /// Whether we know where the chat stands: what is said from now on will be seen.
    [[nodiscard]] bool joined() const { return joined_; }
    /// Whether the message of `receipt` has been seen, or never will be, because the run of the
    /// server that took it is over.
    [[nodiscard]] bool has_seen(const Receipt& receipt) const;

 private:
    const std::chrono::seconds wait_;
    bool joined_ = false;
    Id after_ = kLastId;
    std::string epoch_;
    std::vector<std::string> past_epochs_;
};

}  // namespace longpoll
