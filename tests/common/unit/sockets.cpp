// Unit tests of descriptors, addresses and sockets.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "common/address.hpp"
#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/milliseconds.hpp"
#include "common/socket.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/without_ipv6.hpp"

using namespace std::chrono_literals;

namespace {

bool is_open(int descriptor) {
    return fcntl(descriptor, F_GETFD) >= 0;
}

// Listens at `host`, whose address begins with `address`, connects to it, and cannot listen twice.
void check_sockets(const std::string& host, const std::string& address) {
    const lab::FileDescriptor listener = lab::listen_on(host, "0");
    const std::string bound = lab::local_address(listener.number());
    const std::string port = bound.substr(bound.rfind(':') + 1);
    CHECK(bound == address + port);
    CHECK(lab::peer_address(lab::connect_to(host, port).number()) == bound);
    const std::string taken = "bind " + bound + ": Address already in use";
    CHECK_THROWS_WITH_AS(lab::listen_on(host, port), taken.c_str(), std::system_error);
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a file descriptor is closed once by its last owner and not handed to other programs") {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    {
        lab::FileDescriptor first(ends[0]);
        CHECK((fcntl(ends[0], F_GETFD) & FD_CLOEXEC) != 0);
        lab::FileDescriptor second(std::move(first));
        CHECK(second.number() == ends[0]);
        second = lab::FileDescriptor(ends[1]);
        CHECK_FALSE(is_open(ends[0]));
        CHECK(is_open(ends[1]));
        // The number is free, and soon another's: who owned it once must not close it again.
        REQUIRE(dup2(ends[1], ends[0]) == ends[0]);
    }
    CHECK_FALSE(is_open(ends[1]));
    CHECK(is_open(ends[0]));
    close(ends[0]);
}

TEST_CASE("a failed call becomes an exception with its name and reason") {
    CHECK(lab::check("call", 5) == 5);
    errno = ECONNREFUSED;
    CHECK_THROWS_WITH_AS(lab::check("connect 127.0.0.1:1", -1),
                         "connect 127.0.0.1:1: Connection refused", std::system_error);
}

TEST_CASE("addresses are written with their port and IPv6 in brackets") {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(80);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(lab::to_string(reinterpret_cast<sockaddr*>(&v4), sizeof v4) == "127.0.0.1:80");
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(80);
    v6.sin6_addr = in6addr_loopback;
    CHECK(lab::to_string(reinterpret_cast<sockaddr*>(&v6), sizeof v6) == "[::1]:80");
    CHECK(lab::peer_address(-1) == "?");
}

TEST_CASE("sockets listen and connect on an IPv4 address and say what they cannot") {
    check_sockets("127.0.0.1", "127.0.0.1:");
}

TEST_CASE("sockets listen and connect on an IPv6 address and say what they cannot") {
    if (lab::test::has_ipv6()) check_sockets("::1", "[::1]:");
}

TEST_CASE("without IPv6 the other addresses of a host are tried and tell why they failed") {
    check_sockets(lab::test::kIpv6First, "127.0.0.1:");
    check_sockets(lab::test::kIpv6Last, "127.0.0.1:");
}

TEST_CASE("a datagram socket connects where nobody listens and knows its own kind") {
    const lab::FileDescriptor client = lab::connect_to("127.0.0.1", "9", SOCK_DGRAM);
    int type = 0;
    socklen_t length = sizeof type;
    REQUIRE(getsockopt(client.number(), SOL_SOCKET, SO_TYPE, &type, &length) == 0);
    CHECK(type == SOCK_DGRAM);
    CHECK(lab::peer_address(client.number()) == "127.0.0.1:9");
}

TEST_CASE("poll is told to wait until a deadline and neither shorter nor for ever") {
    using Clock = std::chrono::steady_clock;
    CHECK(lab::milliseconds_until(Clock::now() - 1s) == 0);
    CHECK(lab::milliseconds_until(Clock::time_point::max()) == -1);
    CHECK(lab::milliseconds_until(Clock::now() + 24h * 365) > 0);
    const auto deadline = Clock::now() + 10ms;
    const auto told = std::chrono::milliseconds(lab::milliseconds_until(deadline));
    CHECK(Clock::now() + told >= deadline);
}

TEST_SUITE_END();
