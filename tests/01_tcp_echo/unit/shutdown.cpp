// SIGTERM at the worst moment: just before the server waits. A kernel without IPv6.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <csignal>
#include <string>
#include <system_error>

#include "01_tcp_echo/programs.hpp"
#include "common/address.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/without_ipv6.hpp"
#include "tests/support/worst_moment.hpp"

using lab::test::library_call;

namespace {

// Before which call SIGTERM comes.
enum class Moment { accept, recv, none } moment = Moment::none;
lab::FileDescriptor client;

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

void expect_end_at(Moment call, const std::string& name) {
    lab::test::expect_end_before(name, [call] {
        moment = call;
        tcp_echo::run_server("127.0.0.1", "0", lab::Trace(false));
    });
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("SIGTERM just before accept is not missed") {
    expect_end_at(Moment::accept, "accept");
}

TEST_CASE("SIGTERM just before recv is not missed") {
    expect_end_at(Moment::recv, "recv");
}

TEST_CASE("without IPv6 the server listens at the other address of its host") {
    lab::test::expect_end_before("accept", [] {
        moment = Moment::accept;
        tcp_echo::run_server(lab::test::kIpv6First, "0", lab::Trace(false));
    });
}

TEST_CASE("without IPv6 the client says why the other address of the server failed") {
    for (const char* const host : {lab::test::kIpv6First, lab::test::kIpv6Last}) {
        const std::string port = lab::test::free_port();
        const std::string refused = "connect 127.0.0.1:" + port + ": Connection refused";
        CHECK_THROWS_WITH_AS(tcp_echo::run_client(host, port, lab::Trace(false)), refused.c_str(),
                             std::system_error);
    }
}

TEST_SUITE_END();
