#include "common/output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

namespace lab {

void flush_output() {
    errno = 0;
    std::cout.flush();
    if (std::cout) return;
    // If an earlier write has failed, its reason is gone.
    const int reason = errno ? errno : EIO;
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
