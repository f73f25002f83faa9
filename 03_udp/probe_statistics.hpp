// What became of the datagrams of a probe. It knows no sockets and no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace udp {

/// Counts what was sent, and what of it came back when and in which order.
class ProbeStatistics {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// One datagram that came back. A duplicate is never called reordered.
    struct Arrival {
        bool duplicate = false;
        bool reordered = false;
        std::chrono::nanoseconds round_trip{0};
    };

    /// Notes that the next datagram is sent at `now`. Returns its number: 1, 2, 3 and so on.
    std::uint32_t send(Time now);
    /// Notes that number `number` came back at `now`; nothing if no such datagram was sent.
    ///
    /// Reordered is what arrives after one with a higher number: less than the number that is
    /// expected next. Only first copies count. Source: RFC 4737, section 3.
    std::optional<Arrival> receive(std::uint32_t number, Time now);

    [[nodiscard]] std::size_t sent() const { return sent_.size(); }
    [[nodiscard]] std::size_t received() const { return received_; }
    /// Two lines like those of ping(8), each with its end; the second, about the round trips of the
    /// first copies, only if there was one.
    [[nodiscard]] std::string summary() const;

 private:
    struct Sent {
        Time when;
        bool answered = false;
    };
    std::vector<Sent> sent_;
    std::uint32_t next_expected_ = 1;
    std::size_t received_ = 0;  // first copies
    std::size_t duplicated_ = 0;
    std::size_t reordered_ = 0;
    // Of the round trips, in milliseconds.
    double least_ = 0;
    double most_ = 0;
    double sum_ = 0;
    double sum_of_squares_ = 0;
};

}  // namespace udp
