// SIGTERM at the worst moment: just before the server waits. A kernel without IPv6.
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <string>

#include "03_udp/programs.hpp"
#include "common/address.hpp"
#include "common/socket.hpp"
#include "tests/support/without_ipv6.hpp"
#include "tests/support/worst_moment.hpp"

using lab::test::library_call;

namespace {

using namespace std::chrono_literals;

// Before which call SIGTERM comes.
enum class Moment { recvfrom, poll, none } moment = Moment::none;
bool said_hello = false;

}  // namespace

// The linker prefers these to the library's.
extern "C" ssize_t recvfrom(int socket, void* buffer, size_t size, int flags, sockaddr* address,
                            socklen_t* length) {
    if (moment == Moment::recvfrom) std::raise(SIGTERM);
    if (moment == Moment::poll && !said_hello) {
        // Something has to wait in the channel before the server polls.
        said_hello = true;
        const std::string own = lab::local_address(socket);
        send(lab::connect_to("127.0.0.1", own.substr(own.rfind(':') + 1), SOCK_DGRAM).number(),
             "hello", 5, 0);
    }
    return library_call<decltype(&recvfrom)>("recvfrom")(socket, buffer, size, flags, address,
                                                         length);
}

extern "C" int poll(pollfd* descriptors, nfds_t count, int timeout) {
    if (moment == Moment::poll) std::raise(SIGTERM);
    return library_call<decltype(&poll)>("poll")(descriptors, count, timeout);
}

namespace {

void expect_end_at(Moment call, const std::string& name, const std::string& host = "127.0.0.1") {
    lab::test::expect_end_before(name, [call, host] {
        moment = call;
        udp::Faults faults;
        if (call == Moment::poll) faults.delay = 60s;
        udp::run_server({.host = host, .port = "0", .faults = faults, .queue = 1024 * 1024});
    });
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("SIGTERM just before recvfrom is not missed") {
    expect_end_at(Moment::recvfrom, "recvfrom");
}

TEST_CASE("SIGTERM just before poll is not missed") {
    expect_end_at(Moment::poll, "poll");
}

TEST_CASE("without IPv6 the server is bound to the other address of its host") {
    expect_end_at(Moment::recvfrom, "recvfrom", lab::test::kIpv6First);
}

TEST_SUITE_END();
