#include "common/output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iostream>
#include <system_error>

namespace lab {

void flush_output() {
    std::cout.flush();
    if (std::cout) return;
    // If an earlier write has failed, errno may be that of another call by now.
    const std::array reasons{EBADF, EDQUOT, EFBIG, ENOSPC, EPIPE};
    const int reason = std::ranges::count(reasons, errno) > 0 ? errno : EIO;
    throw std::system_error(reason, std::generic_category(), "standard output");
}

pollfd output_reader() {
    struct stat status {};
    const bool is_pipe = fstat(STDOUT_FILENO, &status) == 0 &&
                         (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
    return {is_pipe ? STDOUT_FILENO : -1, 0, 0};
}

void check_output_reader(const pollfd& entry) {
    if (entry.revents & (POLLERR | POLLHUP))
        throw std::system_error(EPIPE, std::generic_category(), "standard output");
}

}  // namespace lab
