#include "tests/support/worst_moment.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "common/check.hpp"
#include "common/file_descriptor.hpp"

namespace lab::test {

void expect_end_before(const std::string& call, const std::function<void()>& server, Place place) {
    std::array<int, 2> ends{};
    lab::check("pipe", pipe(ends.data()));
    const lab::FileDescriptor reading(ends[0]);
    lab::FileDescriptor writing(ends[1]);
    const pid_t process = lab::check("fork", fork());
    if (process == 0) {
        server();
        std::_Exit(EXIT_SUCCESS);
    }
    // The pipe's writing end is open as long as the server lives.
    writing = lab::FileDescriptor();
    pollfd ended{reading.number(), POLLIN, 0};
    if (poll(&ended, 1, static_cast<int>(kDeadline.count())) == 0) kill(process, SIGKILL);
    int status = 0;
    waitpid(process, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
        fail("the server ends, with status 0", "it waits in " + call + " for ever",
             "a flag alone is looked at too early: the handler has to make the call fail", place);
    }
}

}  // namespace lab::test
