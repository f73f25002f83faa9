#include "common/wake_pipe.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/check.hpp"
#include "common/socket.hpp"

namespace lab {

WakePipe::WakePipe() {
    std::array<int, 2> ends{};
    check("pipe", pipe(ends.data()));
    reading_ = FileDescriptor(ends[0]);
    writing_ = FileDescriptor(ends[1]);
    // Nobody may ever wait here: a full pipe wakes as well as one byte more would.
    set_nonblocking(ends[0], true);
    set_nonblocking(ends[1], true);
}

void WakePipe::wake() const noexcept {
    const int saved_errno = errno;
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = write(writing_.number(), &byte, 1);
    errno = saved_errno;
}

void WakePipe::clear() const {
    std::array<char, 256> bytes{};
    while (read(reading_.number(), bytes.data(), bytes.size()) > 0) {
    }
}

}  // namespace lab
