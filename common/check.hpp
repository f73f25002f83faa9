// The checker of system calls: a failed call becomes an exception that bears the call's name.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace lab {

/// Returns `result`, what a system call returned; if that is negative, throws std::system_error
/// with `what` and the reason in errno, so that what() reads "bind 127.0.0.1:12345: Address already
/// in use". Source: errno(3).
template <class Result>
Result check(const std::string& what, Result result) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// Whether the call that just failed may simply be made again: it was interrupted by a signal, or
/// would have had to wait. Reads errno. Source: errno(3).
inline bool try_again() {
    return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK;
}

/// Whether accept(2) has just failed for want of descriptors or memory: the connection still waits,
/// so the listener stays readable. 02_threaded_chat shows what to do then. Reads errno. Source:
/// accept(2).
inline bool is_exhausted() {
    return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
}

}  // namespace lab
