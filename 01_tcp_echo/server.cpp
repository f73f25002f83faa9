// The echo server: socket, setsockopt, bind, listen, accept, recv, send, shutdown, close.
// One client at a time: while it is served, the next ones wait in the kernel's queue.
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "01_tcp_echo/programs.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/output.hpp"

namespace tcp_echo {
namespace {

// sig_atomic_t is what a signal handler may share with the rest of the program.
volatile std::sig_atomic_t stopping = 0, listener = -1, client = -1;

// A flag alone would be missed by a call that begins to wait right after the flag was looked at:
// so the sockets are ended too, and such a call fails at once. errno belongs to whom we interrupt.
// lesson: stop
void stop(int) {
    const int saved_errno = errno;
    stopping = 1;
    close(listener);
    shutdown(client, SHUT_RDWR);
    errno = saved_errno;
}
// lesson end

void listen_on(const std::string& host, const std::string& port) {
    addrinfo hints{}, *addresses = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &addresses))
        throw std::runtime_error("getaddrinfo " + host + ": " + gai_strerror(error));
    // Calls freeaddrinfo however this function ends, also by an exception.
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(addresses, freeaddrinfo);
    // A name may have several addresses: the first one that can be bound is taken.
    std::string failed;
    int reason = 0;
    for (const addrinfo* a = addresses; a; a = a->ai_next) {
        listener = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        // Without it, bind fails for a minute after a restart: old connections are in TIME_WAIT.
        const int on = 1;
        if (listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            bind(listener, a->ai_addr, a->ai_addrlen) == 0) {
            lab::check("listen", listen(listener, SOMAXCONN));
            return;
        }
        // A kernel without IPv6 makes no socket for ::1: another address failed for a better
        // reason.
        if (errno == EAFNOSUPPORT && reason) continue;
        reason = errno;
        failed = "bind " + lab::to_string(a->ai_addr, a->ai_addrlen);
        close(listener);
    }
    throw std::system_error(reason, std::generic_category(), failed);
}

// Echoes until the client has nothing more to say. Returns false, with errno, if it is gone before.
bool echo(const std::string& peer, const lab::Trace& trace, std::size_t& echoed) {
    // Large, so that few calls echo much, and made once for all clients.
    static std::vector<char> buffer(128 * 1024);
    for (;;) {
        // Only stop() interrupts a call in this program, so EINTR is an end like any other error.
        const ssize_t received = recv(client, buffer.data(), buffer.size(), 0);
        // For --capture: what the call above has returned. It leaves errno alone.
        lab::capture::received(client, buffer.data(), received);
        if (received == 0) trace.received_end(peer);
        if (received <= 0) return received == 0;
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
        trace.received(peer, bytes);
        // One send may take only a part: the rest is offered again.
        for (std::size_t sent = 0; sent < bytes.size();) {
            const ssize_t taken = send(client, bytes.data() + sent, bytes.size() - sent, 0);
            lab::capture::sent(client, bytes.data() + sent, taken);
            if (taken < 0) return false;
            trace.sent(peer, bytes.substr(sent, static_cast<std::size_t>(taken)));
            sent += static_cast<std::size_t>(taken);
            echoed += static_cast<std::size_t>(taken);
        }
    }
}

}  // namespace

void run_server(const std::string& host, const std::string& port, const lab::Trace& trace) {
    listen_on(host, port);
    struct sigaction action {};  // without SA_RESTART: the call that a signal interrupts ends
    action.sa_handler = stop;
    for (const int number : {SIGINT, SIGTERM}) {
        // A shell starts a script's background commands with SIGINT ignored, so that Ctrl-C ends
        // the script alone: a signal that is ignored stays so.
        struct sigaction inherited {};
        lab::check("sigaction", sigaction(number, nullptr, &inherited));
        if (inherited.sa_handler != SIG_IGN)
            lab::check("sigaction", sigaction(number, &action, nullptr));
    }
    // Sending to a client that is gone has to be an error, EPIPE, and not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    std::cout << "listening on " << lab::local_address(listener) << '\n';
    lab::flush_output();

    while (!stopping) {
        // Room for an IPv4 and an IPv6 address; the calls take either as a sockaddr.
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        auto* const address = reinterpret_cast<sockaddr*>(&storage);
        client = accept(listener, address, &length);
        // ECONNABORTED: this client left while it waited in the queue; the next may be there.
        if (client < 0 && !stopping && errno != ECONNABORTED) lab::check("accept", -1);
        if (client < 0 || stopping) continue;
        lab::capture::accepted(client);
        // Nagle's algorithm would hold the end of an echo back until its beginning is acknowledged.
        const int on = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

        const std::string peer = lab::to_string(address, length);
        lab::log(peer + " connected");
        std::size_t echoed = 0;
        const bool orderly = echo(peer, trace, echoed) || stopping;
        lab::log(peer + " left after " + std::to_string(echoed) + " bytes" +
                 (orderly ? "" : std::string(": ") + std::strerror(errno)));
        // The kernel still sends what it has taken, then FIN: nothing more comes from us.
        lab::capture::closing(client);
        close(client);
        client = -1;
        if (orderly) trace.sent_end(peer);
    }
}

}  // namespace tcp_echo
