// poll(2) until a point in time. 03_udp shows a wait with a deadline.
#pragma once

#include <poll.h>

#include <chrono>
#include <vector>

namespace lab {

/// Waits until one of `sockets` is ready, or until `until`; their revents tell which are ready.
/// Returns a tenth of a millisecond before `until`: a caller that calls again and again reaches
/// `until` without the lateness of a timer. Throws std::system_error. Source: poll(2), ppoll(2).
void poll_until(std::vector<pollfd>& sockets, std::chrono::steady_clock::time_point until);

}  // namespace lab
