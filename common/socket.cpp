#include "common/socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <stdexcept>

#include "common/address.hpp"
#include "common/check.hpp"

namespace lab {
namespace {

// Makes a socket for each address of the host in turn, and returns the first for which `open`,
// which is bind or connect and called `name`, succeeds.
FileDescriptor first_that_opens(const std::string& host, const std::string& port, int type,
                                const std::string& name,
                                const std::function<int(int, const sockaddr*, socklen_t)>& open) {
    addrinfo hints{}, *addresses = nullptr;
    hints.ai_socktype = type;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &addresses))
        throw std::runtime_error("getaddrinfo " + host + ": " + gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(addresses, freeaddrinfo);
    for (const addrinfo* a = addresses;; a = a->ai_next) {
        FileDescriptor fd(check("socket", socket(a->ai_family, a->ai_socktype, a->ai_protocol)));
        const int result = open(fd.number(), a->ai_addr, a->ai_addrlen);
        if (result == 0) return fd;
        if (!a->ai_next) check(name + " " + to_string(a->ai_addr, a->ai_addrlen), result);
    }
}

}  // namespace

FileDescriptor listen_on(const std::string& host, const std::string& port) {
    const auto reuse_and_bind = [](int fd, const sockaddr* address, socklen_t length) {
        const int on = 1;
        check("setsockopt", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
        return bind(fd, address, length);
    };
    FileDescriptor listener = first_that_opens(host, port, SOCK_STREAM, "bind", reuse_and_bind);
    check("listen", listen(listener.number(), SOMAXCONN));
    return listener;
}

FileDescriptor connect_to(const std::string& host, const std::string& port, int type) {
    return first_that_opens(host, port, type, "connect", connect);
}

void send_without_delay(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_nonblocking(int descriptor, bool on) {
    const int flags = check("fcntl", fcntl(descriptor, F_GETFL));
    check("fcntl", fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

}  // namespace lab
