#include "common/poll_until.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace lab {
namespace {

using namespace std::chrono_literals;

constexpr auto kMargin = 100us;
// No wait is longer: time_point::max() less now would overflow the timespec.
constexpr std::chrono::nanoseconds kMaxWait = 1h;

}  // namespace

void poll_until(std::vector<pollfd>& sockets, std::chrono::steady_clock::time_point until) {
    const std::chrono::nanoseconds left = std::clamp<std::chrono::nanoseconds>(
        until - std::chrono::steady_clock::now() - kMargin, 0ns, kMaxWait);
#ifdef __linux__
    // ppoll(2) knows parts of a millisecond.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time{static_cast<time_t>(seconds.count()),
                        static_cast<long>((left - seconds).count())};
    const int count = ppoll(sockets.data(), sockets.size(), &time, nullptr);
#else
    const int milliseconds = static_cast<int>(left / 1ms);
    const int count = poll(sockets.data(), static_cast<nfds_t>(sockets.size()), milliseconds);
#endif
    if (count < 0 && !try_again()) check("poll", count);
    if (count < 0)
        for (pollfd& socket : sockets) socket.revents = 0;
}

}  // namespace lab
