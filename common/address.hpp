// Socket addresses as people write them. No step teaches it.
#pragma once

#include <sys/socket.h>

#include <string>

namespace lab {

/// `address`, of `length` bytes, as "127.0.0.1:12345" or "[::1]:12345": never a name, so nothing is
/// looked up. Leaves errno alone. Source: getnameinfo(3), RFC 5952.
std::string to_string(const sockaddr* address, socklen_t length);

/// The address that `socket` is bound to, or that its peer has, as to_string() writes it; "?" if
/// there is none (any more). Source: getsockname(2), getpeername(2).
std::string local_address(int socket);
std::string peer_address(int socket);

}  // namespace lab
