// poll(2) until a point in time.
#pragma once

#include <poll.h>

#include <chrono>
#include <vector>

namespace compare {

/// Waits until one of `sockets` is ready, at most until `until`; their revents tell which. Returns
/// a tenth of a millisecond before `until`, so that a caller who looks again and again comes to it
/// without the lateness of a timer. Throws std::system_error. Any thread may call it.
void poll_until(std::vector<pollfd>& sockets, std::chrono::steady_clock::time_point until);

}  // namespace compare
