#include "common/socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"

namespace lab {
namespace {

using Clock = std::chrono::steady_clock;

// The errors of getaddrinfo(3), which has numbers of its own.
class LookupErrors : public std::error_category {
 public:
    [[nodiscard]] const char* name() const noexcept override { return "getaddrinfo"; }
    [[nodiscard]] std::string message(int error) const override { return gai_strerror(error); }
};

[[noreturn]] void fail_lookup(const std::string& host, int error) {
    static const LookupErrors errors;
    if (error == EAI_SYSTEM) check("getaddrinfo " + host, -1);
    throw std::system_error(error, errors, "getaddrinfo " + host);
}

// connect(2) with a time limit: it only begins, and poll(2) tells when it is over. Returns 0, or -1
// with errno.
int connect_within(std::chrono::milliseconds limit, int fd, const sockaddr* address,
                   socklen_t length) {
    const auto deadline = Clock::now() + limit;
    set_nonblocking(fd, true);
    int result = connect(fd, address, length);
    // After EINTR the handshake goes on in the background too.
    if (result < 0 && errno != EINPROGRESS && errno != EINTR) return -1;
    while (result < 0) {
        pollfd ready{fd, POLLOUT, 0};
        const int count = poll(&ready, 1, milliseconds_until(deadline));
        if (count < 0 && !try_again()) return -1;
        if (count == 0) errno = ETIMEDOUT;
        if (count == 0) return -1;
        if (count < 0) continue;
        int error = 0;
        socklen_t size = sizeof error;
        check("getsockopt", getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
        errno = error;
        if (error) return -1;
        result = 0;
    }
    set_nonblocking(fd, false);
    return 0;
}

// Makes a socket for each address of the host in turn, and returns the first for which `open`,
// which is bind or connect and called `name`, succeeds.
FileDescriptor first_that_opens(const std::string& host, const std::string& port, int type,
                                const std::string& name,
                                const std::function<int(int, const sockaddr*, socklen_t)>& open) {
    addrinfo hints{}, *addresses = nullptr;
    hints.ai_socktype = type;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &addresses))
        fail_lookup(host, error);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(addresses, freeaddrinfo);
    std::string failed;
    int reason = 0;
    for (const addrinfo* a = addresses; a; a = a->ai_next) {
        FileDescriptor fd(socket(a->ai_family, a->ai_socktype, a->ai_protocol));
        if (fd.number() >= 0 && open(fd.number(), a->ai_addr, a->ai_addrlen) == 0) return fd;
        // A kernel without IPv6 makes no socket for ::1: another address failed for a better
        // reason.
        if (errno == EAFNOSUPPORT && reason) continue;
        reason = errno;
        failed = name + " " + to_string(a->ai_addr, a->ai_addrlen);
    }
    throw std::system_error(reason, std::generic_category(), failed);
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

FileDescriptor connect_to(const std::string& host, const std::string& port, int type,
                          std::chrono::milliseconds limit) {
    const auto connect_in_time = [limit](int fd, const sockaddr* address, socklen_t length) {
        return connect_within(limit, fd, address, length);
    };
    FileDescriptor fd = first_that_opens(host, port, type, "connect", connect_in_time);
    if (type == SOCK_STREAM) capture::connected(fd.number());
    return fd;
}

std::optional<Accepted> accept_client(const FileDescriptor& listener) {
    for (;;) {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        auto* const peer = reinterpret_cast<sockaddr*>(&storage);
        FileDescriptor socket(accept(listener.number(), peer, &length));
        if (socket.number() >= 0) {
            capture::accepted(socket.number());
            set_nonblocking(socket.number(), true);
            send_without_delay(socket.number());
            return Accepted{std::move(socket), to_string(peer, length)};
        }
        // A client that has gone already is none of those that wait.
        if (errno != ECONNABORTED && errno != EINTR) return std::nullopt;
    }
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
