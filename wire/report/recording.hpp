// All that is kept of a capture for a page or a picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "wire/dissect/message.hpp"
#include "wire/report/words.hpp"
#include "wire/streams/reader.hpp"

namespace wire {

/// The connections and messages of a capture, as far as a report shows them.
class Recording {
 public:
    /// Keeps the first `limit` messages, and counts the others.
    explicit Recording(std::size_t limit) : limit_(limit) {}

    void add(const Connection& connection);
    void add(Message message);
    /// The capture has ended: marks the datagrams whose echo has not come.
    void finish();

    [[nodiscard]] const std::vector<Connection>& connections() const { return connections_; }
    [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
    /// Messages that were not kept.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
    std::size_t limit_;
    std::vector<Connection> connections_;
    std::vector<Message> messages_;
    std::uint64_t left_out_ = 0;
};

/// Someone who speaks: an upright line of a ladder.
struct Lane {
    std::string title;   // "client 1", "server"
    std::string detail;  // "127.0.0.1:50000"; empty if ports are left out
};

/// The upright lines of a ladder. The servers stand in the middle. A connection of HTTP takes the
/// place of another one that has ended, if both come from one address and begin with the same
/// request: most often that is the same client, as when it polls.
class Lanes {
 public:
    static constexpr std::size_t kMaxLanes = 8;

    Lanes(const Recording& recording, const Style& style);
    [[nodiscard]] const std::vector<Lane>& all() const { return lanes_; }
    /// The places of the sender and of the receiver of `message`.
    [[nodiscard]] std::pair<std::size_t, std::size_t> of(const Message& message) const;
    /// "client 1 → server".
    [[nodiscard]] std::string words_of(const Message& message) const;

 private:
    struct Place {
        std::size_t client, server;
    };
    std::vector<Lane> lanes_;
    std::vector<Place> places_;  // by the number of the connection
};

}  // namespace wire
