// Which address of this machine a datagram was sent to, and an answer that comes from there:
// recvmsg(2) and sendmsg(2), for a socket that is bound to all addresses.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace udp {

/// Where a datagram came from, and where it was sent to.
struct Sender {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;  // an IPv6 address is longer than an IPv4 one
    /// The address that was asked, as a control message of `control_length` bytes; none if the
    /// socket is bound to one address.
    alignas(cmsghdr) char control[64]{};  // NOLINT(modernize-avoid-c-arrays): memcpy copies it all
    std::size_t control_length = 0;

    sockaddr* address() { return reinterpret_cast<sockaddr*>(&storage); }
    /// "127.0.0.1:40000", of where it came from.
    [[nodiscard]] std::string name() const;
};

/// Whether `address` stands for all addresses of its kind: 0.0.0.0 or ::.
bool is_any_address(const sockaddr* address);

/// Has the kernel tell with each datagram of `endpoint`, a socket of `family`, which address it was
/// sent to. Throws std::system_error. Source: ip(7) IP_PKTINFO; RFC 3542, section 6.
void ask_for_asked_address(int endpoint, int family);

/// As recvfrom(2) with `flags`, but `sender` tells too which address was asked. One call.
ssize_t receive_from(int endpoint, char* buffer, std::size_t size, int flags, Sender& sender);

/// As sendto(2): sends `bytes` back to `sender`, from the address that it has asked. One call.
ssize_t send_back_to(int endpoint, std::string_view bytes, const Sender& sender);

}  // namespace udp
