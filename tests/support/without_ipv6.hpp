// A machine whose kernel has no IPv6, although its /etc/hosts says that localhost is ::1 too. A
// test program that includes this looks names up there; one file of it may.
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <string_view>

#include "tests/support/worst_moment.hpp"

namespace lab::test {

/// The host whose addresses are ::1, then 127.0.0.1; and the one that has them the other way round.
inline const char* const kIpv6First = "ipv6-first.test";
inline const char* const kIpv6Last = "ipv6-last.test";

}  // namespace lab::test

// The linker prefers this to the library's. socket(2) fails with EAFNOSUPPORT for a family that no
// kernel has.
extern "C" int getaddrinfo(const char* host, const char* port, const addrinfo* hints,
                           addrinfo** addresses) {
    const auto look_up = lab::test::library_call<decltype(&getaddrinfo)>("getaddrinfo");
    const bool first = std::string_view(host) == lab::test::kIpv6First;
    if (!first && std::string_view(host) != lab::test::kIpv6Last)
        return look_up(host, port, hints, addresses);
    const int error = look_up(first ? "::1" : "127.0.0.1", port, hints, addresses);
    if (error) return error;
    addrinfo*& last = (*addresses)->ai_next;
    if (const int other = look_up(first ? "127.0.0.1" : "::1", port, hints, &last)) return other;
    (first ? *addresses : last)->ai_family = AF_UNSPEC;
    return 0;
}
