#include "03_udp/stop_and_wait.hpp"

#include "03_udp/network_order.hpp"

namespace udp {

void StopAndWait::start(std::string_view line, Time now) {
    ++number_;
    datagram_ = in_network_order(number_);
    datagram_ += line;
    attempts_ = 1;
    timer_.start();
    sent_ = now;
    deadline_ = now + timer_.timeout();
}

bool StopAndWait::acknowledges(std::string_view received, Time now) {
    // The echo of an earlier line has another number; a damaged or foreign datagram other bytes.
    if (received != datagram_) return false;
    // lesson: karn
    // Karn's algorithm: which of several was answered? Only a datagram that was sent once measures.
    if (attempts_ == 1)
        timer_.measured(std::chrono::duration_cast<RetransmissionTimer::Duration>(now - sent_));
    // lesson end
    return true;
}

bool StopAndWait::retransmit(Time now) {
    if (attempts_ > retries_) return false;
    ++attempts_;
    timer_.back_off();
    deadline_ = now + timer_.timeout();
    return true;
}

}  // namespace udp
