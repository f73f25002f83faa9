// Stop-and-wait: one datagram under way at a time, sent again until it is acknowledged. It knows no
// sockets and no clock: lines, datagrams and the time go in, decisions come out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "03_udp/retransmission_timer.hpp"

namespace udp {

/// The sending side. A datagram is its sequence number, 4 bytes in network byte order, and a line;
/// its echo is its acknowledgement. Each line is acknowledged before the next may start, so the
/// lines arrive in order, and the number tells a late echo from the one that is due.
class StopAndWait {
 public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kHeader = 4;

    /// `initial_timeout`: until the first round trip has been measured. At most `retries`
    /// retransmissions of a datagram.
    StopAndWait(std::chrono::milliseconds initial_timeout, int retries)
        : timer_(initial_timeout), retries_(retries) {}

    /// Begins with the next line: datagram() is to be sent now.
    void start(std::string_view line, Time now);
    /// The datagram that is under way: the same bytes each time it is sent.
    [[nodiscard]] const std::string& datagram() const { return datagram_; }
    /// When to call retransmit() unless it was acknowledged before.
    [[nodiscard]] Time deadline() const { return deadline_; }
    /// Whether `received` acknowledges what is under way. Anything else is of no interest.
    bool acknowledges(std::string_view received, Time now);
    /// The deadline has passed. Returns whether datagram() is to be sent again now; if not, all
    /// retransmissions were in vain.
    bool retransmit(Time now);

    /// How many times datagram() was to be sent.
    [[nodiscard]] int attempts() const { return attempts_; }

 private:
    RetransmissionTimer timer_;
    const int retries_;
    std::uint32_t number_ = 0;  // after 2^32 - 1 comes 0: by then no old echo is under way
    std::string datagram_;
    int attempts_ = 0;
    Time sent_;
    Time deadline_;
};

}  // namespace udp
