// The echo client: socket, connect, then for each line send, and recv until all of it is back.
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "01_tcp_echo/programs.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/output.hpp"
#include "common/typed_lines.hpp"

namespace tcp_echo {
namespace {

lab::FileDescriptor connect_to(const std::string& host, const std::string& port) {
    addrinfo hints{}, *addresses = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &addresses))
        throw std::runtime_error("getaddrinfo " + host + ": " + gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(addresses, freeaddrinfo);
    // localhost may be ::1 and 127.0.0.1, and the server listen on one of them: each is tried.
    std::string failed;
    int reason = 0;
    for (const addrinfo* a = addresses; a; a = a->ai_next) {
        lab::FileDescriptor server(socket(a->ai_family, a->ai_socktype, a->ai_protocol));
        if (server.number() >= 0 && connect(server.number(), a->ai_addr, a->ai_addrlen) == 0) {
            lab::capture::connected(server.number());
            return server;
        }
        // A kernel without IPv6 makes no socket for ::1: another address failed for a better
        // reason.
        if (errno == EAFNOSUPPORT && reason) continue;
        reason = errno;
        failed = "connect " + lab::to_string(a->ai_addr, a->ai_addrlen);
    }
    throw std::system_error(reason, std::generic_category(), failed);
}

// Sends `line` and returns when as many bytes have come back; prints them as they come.
void exchange(int server, const std::string& peer, std::string_view line, const lab::Trace& trace) {
    static std::array<char, 16 * 1024> buffer;
    std::size_t sent = 0;
    std::size_t echoed = 0;
    while (echoed < line.size()) {
        // Sending all before reading would end in a deadlock with a line that is too long for the
        // buffers on the way: the server cannot read on until we take what it has sent.
        pollfd ready{server, static_cast<short>(sent < line.size() ? POLLIN | POLLOUT : POLLIN), 0};
        if (poll(&ready, 1, -1) < 0 && !lab::try_again()) lab::check("poll", -1);
        if (ready.revents & POLLOUT) {
            const ssize_t taken = send(server, line.data() + sent, line.size() - sent, 0);
            lab::capture::sent(server, line.data() + sent, taken);
            if (taken < 0 && lab::try_again()) continue;
            lab::check("send", taken);
            trace.sent(peer, line.substr(sent, static_cast<std::size_t>(taken)));
            sent += static_cast<std::size_t>(taken);
        }
        if (ready.revents & ~POLLOUT) {
            const ssize_t received = recv(server, buffer.data(), buffer.size(), 0);
            lab::capture::received(server, buffer.data(), received);
            if (received < 0 && lab::try_again()) continue;
            lab::check("recv", received);
            if (received == 0) throw std::runtime_error(peer + ": closed by the server");
            const std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
            trace.received(peer, bytes);
            std::cout << bytes;
            echoed += bytes.size();
        }
    }
    lab::flush_output();
}

}  // namespace

void run_client(const std::string& host, const std::string& port, const lab::Trace& trace) {
    std::signal(SIGPIPE, SIG_IGN);
    const lab::FileDescriptor server = connect_to(host, port);
    const std::string peer = lab::peer_address(server.number());
    // poll says that there is room, not how much: without O_NONBLOCK a long line would still block.
    lab::check("fcntl", fcntl(server.number(), F_SETFL, O_NONBLOCK));

    const bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    std::string line;
    while (std::cout << (terminal ? "> " : "") << std::flush && std::getline(std::cin, line)) {
        if (lab::says_exit(line)) return;
        // The last line of a file may lack its line end: then none was sent, and none comes back.
        if (!std::cin.eof()) line += '\n';
        exchange(server.number(), peer, line, trace);
    }
    if (terminal) std::cout << '\n';
}

}  // namespace tcp_echo
