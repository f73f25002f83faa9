#include "common/poll_input.hpp"

#include <sys/select.h>

#include <algorithm>
#include <cerrno>

namespace lab {

int poll_input(std::span<pollfd> entries, int milliseconds) {
#if defined(__APPLE__)
    return poll_by_select(entries, milliseconds);
#else
    return poll(entries.data(), static_cast<nfds_t>(entries.size()), milliseconds);
#endif
}

int poll_by_select(std::span<pollfd> entries, int milliseconds) {
    fd_set readable;
    fd_set writable;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    int highest = -1;
    for (pollfd& entry : entries) {
        entry.revents = 0;
        if (entry.fd < 0) continue;
        if (entry.fd >= FD_SETSIZE) {
            errno = EINVAL;
            return -1;
        }
        if (entry.events & POLLIN) FD_SET(entry.fd, &readable);
        if (entry.events & POLLOUT) FD_SET(entry.fd, &writable);
        highest = std::max(highest, entry.fd);
    }
    timeval limit{};
    limit.tv_sec = milliseconds / 1000;
    limit.tv_usec = milliseconds % 1000 * 1000;
    const int count =
        select(highest + 1, &readable, &writable, nullptr, milliseconds < 0 ? nullptr : &limit);
    if (count <= 0) return count;
    // poll counts entries that are ready, select counts descriptors in each set.
    int ready = 0;
    for (pollfd& entry : entries) {
        if (entry.fd < 0) continue;
        const int in = FD_ISSET(entry.fd, &readable) ? POLLIN : 0;
        const int out = FD_ISSET(entry.fd, &writable) ? POLLOUT : 0;
        entry.revents = static_cast<short>(in | out);
        if (entry.revents) ++ready;
    }
    return ready;
}

}  // namespace lab
