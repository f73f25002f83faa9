// SIGTERM at the worst moment: when the server has looked at its flag and has not yet begun to
// wait. From outside nobody can hit that moment, so the server runs in this program, with calls of
// ours.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>

#include "01_tcp_echo/echo.hpp"
#include "common/address.hpp"
#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket.hpp"
#include "tests/support/report.hpp"

namespace {

// Before which call SIGTERM comes.
enum class Moment { accept, recv, none } moment = Moment::none;
lab::FileDescriptor client;

// The call of the C library that ours stands before.
template <class Call>
Call library_call(const char* name) {
    return reinterpret_cast<Call>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// The linker prefers these to the library's.
extern "C" int accept(int listener, sockaddr* address, socklen_t* length) {
    if (moment == Moment::accept) std::raise(SIGTERM);
    if (moment == Moment::recv) {
        const std::string own = lab::local_address(listener);
        client = lab::connect_to("127.0.0.1", own.substr(own.rfind(':') + 1));
    }
    return library_call<int (*)(int, sockaddr*, socklen_t*)>("accept")(listener, address, length);
}

extern "C" ssize_t recv(int socket, void* buffer, size_t size, int flags) {
    if (moment == Moment::recv) std::raise(SIGTERM);
    return library_call<ssize_t (*)(int, void*, size_t, int)>("recv")(socket, buffer, size, flags);
}

namespace {

// Runs the server in a process of its own, which SIGTERM hits just before `call`.
void expect_end_at(Moment call, const std::string& name) {
    std::array<int, 2> ends{};
    lab::check("pipe", pipe(ends.data()));
    const lab::FileDescriptor reading(ends[0]);
    lab::FileDescriptor writing(ends[1]);
    const pid_t server = lab::check("fork", fork());
    if (server == 0) {
        moment = call;
        tcp_echo::run_server("127.0.0.1", "0", lab::Trace(false));
        std::_Exit(EXIT_SUCCESS);
    }
    // The pipe's writing end is open as long as the server lives.
    writing = lab::FileDescriptor();
    pollfd ended{reading.number(), POLLIN, 0};
    if (poll(&ended, 1, static_cast<int>(lab::test::kDeadline.count())) == 0) kill(server, SIGKILL);
    int status = 0;
    waitpid(server, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
        lab::test::fail(
            "the server ends, with status 0", "it waits in " + name + " for ever",
            "a flag alone is looked at too early: the handler has to make the call fail");
    }
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("SIGTERM just before accept is not missed") {
    expect_end_at(Moment::accept, "accept");
}

TEST_CASE("SIGTERM just before recv is not missed") {
    expect_end_at(Moment::recv, "recv");
}

TEST_SUITE_END();
