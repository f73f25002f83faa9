// How long to wait for an acknowledgement before sending again. It knows no sockets and no clock.
#pragma once

#include <chrono>

namespace udp {

/// Estimates the retransmission timeout (RTO) from measured round trips, as TCP does. Not for a
/// round trip of something that was sent twice: nobody knows which of the two was answered (Karn's
/// algorithm). Source: RFC 6298, sections 2 to 5.
class RetransmissionTimer {
 public:
    using Duration = std::chrono::microseconds;

    /// The granularity G of our clock: poll(2) counts milliseconds.
    static constexpr Duration kGranularity{1'000};
    /// The RFC's least is 1 s (2.4): TCP receivers hold acknowledgements back, and clocks were
    /// coarse. Nobody holds an echo back; this much a busy machine may need to run the other side.
    static constexpr Duration kMinTimeout{10'000};
    static constexpr Duration kMaxTimeout{60'000'000};  // (2.5)
    /// The RFC carries a back-off over to new data until there is a measurement. Where every third
    /// datagram is lost, that may be minutes. Therefore it is no more than this, with which the RFC
    /// begins when it knows nothing (2.1): enough to measure a round trip that has grown.
    static constexpr Duration kMaxCarriedOver{1'000'000};

    /// `initial`: the timeout before anything was measured (2.1).
    explicit RetransmissionTimer(Duration initial) : estimate_(initial), timeout_(initial) {}

    /// Takes a measured round trip into account (2.2, 2.3); ends a back-off.
    void measured(Duration round_trip);
    /// The timeout has passed in vain: doubles it (5.5).
    void back_off();
    /// Something new is sent: carries a back-off over to it, within kMaxCarriedOver.
    void start();

    [[nodiscard]] Duration timeout() const { return timeout_; }

 private:
    Duration estimate_;  // the timeout without a back-off
    Duration timeout_;
    bool first_ = true;
    Duration smoothed_{0};   // SRTT
    Duration variation_{0};  // RTTVAR
};

}  // namespace udp
