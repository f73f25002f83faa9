#include "03_udp/retransmission_timer.hpp"

#include <algorithm>

namespace udp {

void RetransmissionTimer::measured(Duration round_trip) {
    if (first_) {
        smoothed_ = round_trip;
        variation_ = round_trip / 2;
        first_ = false;
    } else {
        // beta = 1/4, alpha = 1/8. The variation first: it needs the old smoothed value.
        variation_ = (3 * variation_ + std::chrono::abs(smoothed_ - round_trip)) / 4;
        smoothed_ = (7 * smoothed_ + round_trip) / 8;
    }
    estimate_ =
        std::clamp(smoothed_ + std::max(kGranularity, 4 * variation_), kMinTimeout, kMaxTimeout);
    timeout_ = estimate_;
}

void RetransmissionTimer::back_off() {
    timeout_ = std::min(2 * timeout_, kMaxTimeout);
}

void RetransmissionTimer::start() {
    timeout_ = std::min(timeout_, std::max(estimate_, kMaxCarriedOver));
}

}  // namespace udp
