// The sockets of this program, as the system knows them.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace lab::test {

/// A test program has fewer descriptors than this, and each is below it.
inline constexpr int kMaxDescriptors = 100;

/// Whether what is sent on the TCP connection `socket` leaves at once, although earlier bytes are
/// not yet acknowledged. Source: tcp(7), TCP_NODELAY.
inline bool leaves_at_once(int socket) {
    int on = 0;
    socklen_t size = sizeof on;
    getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, &size);
    return on != 0;
}

}  // namespace lab::test
