#include "common/address.hpp"

#include <netdb.h>

#include <array>
#include <cerrno>

namespace lab {
namespace {

using AddressCall = int (*)(int, sockaddr*, socklen_t*);

std::string address_by(AddressCall call, int socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    return call(socket, address, &length) == 0 ? to_string(address, length) : "?";
}

}  // namespace

std::string to_string(const sockaddr* address, socklen_t length) {
    const int saved_errno = errno;
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    const int error = getnameinfo(address, length, host.data(), host.size(), port.data(),
                                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
    errno = saved_errno;
    if (error) return "?";
    const std::string name = host.data();
    // An IPv6 address has colons of its own.
    return (address->sa_family == AF_INET6 ? "[" + name + "]" : name) + ":" + port.data();
}

std::string local_address(int socket) {
    return address_by(getsockname, socket);
}
std::string peer_address(int socket) {
    return address_by(getpeername, socket);
}

}  // namespace lab
