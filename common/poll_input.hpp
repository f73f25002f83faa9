// poll(2) for a program that reads a terminal beside its sockets. 02_threaded_chat shows why one
// wait for both is needed.
#pragma once

#include <poll.h>

#include <span>

namespace lab {

/// As poll(2): waits until one of `entries` is ready, or `milliseconds` have passed. A negative
/// number means no time limit. On macOS it is poll_by_select(), because poll(2) there "does not
/// support devices", and a terminal is one. Only clients use it, which have few descriptors.
int poll_input(std::span<pollfd> entries, int milliseconds);

/// The same by select(2): POLLIN and POLLOUT alone are asked and told; the end of a stream and an
/// error are POLLIN. A descriptor from FD_SETSIZE (1024) on fails with EINVAL.
int poll_by_select(std::span<pollfd> entries, int milliseconds);

}  // namespace lab
