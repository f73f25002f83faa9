// The echo server: socket, bind, and for each datagram recvfrom and sendto. No listen, no accept,
// no connection: one socket hears everybody, and each datagram says where it came from.
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "03_udp/asked_address.hpp"
#include "03_udp/programs.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"
#include "common/output.hpp"
#include "common/stop_signal.hpp"

namespace udp {
namespace {

using Clock = std::chrono::steady_clock;

// sig_atomic_t is what a signal handler may share with the rest of the program.
volatile std::sig_atomic_t stopping = 0, endpoint = -1;

// Bound to 0.0.0.0 or ::. Then sendto would answer from whichever address the route suggests, and a
// client that has asked another one drops the answer as a stranger's.
bool any_address = false;

// As in 01_tcp_echo: a call that begins right after the look at the flag has to fail at once.
void stop(int) {
    const int saved_errno = errno;
    stopping = 1;
    close(endpoint);
    errno = saved_errno;
}

void bind_to(const std::string& host, const std::string& port) {
    addrinfo hints{}, *addresses = nullptr;
    hints.ai_socktype = SOCK_DGRAM;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &addresses))
        throw std::runtime_error("getaddrinfo " + host + ": " + gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(addresses, freeaddrinfo);
    std::string failed;
    int reason = 0;
    for (const addrinfo* a = addresses; a; a = a->ai_next) {
        endpoint = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        // No SO_REUSEADDR here. UDP knows no TIME_WAIT, so a restart works without it; and with it
        // a second server could bind the same port on Linux, and take the first one's datagrams.
        if (endpoint >= 0 && bind(endpoint, a->ai_addr, a->ai_addrlen) == 0) {
            any_address = is_any_address(a->ai_addr);
            if (any_address) ask_for_asked_address(endpoint, a->ai_family);
            return;
        }
        // As in 01_tcp_echo: a kernel without IPv6 makes no socket for ::1.
        if (errno == EAFNOSUPPORT && reason) continue;
        reason = errno;
        failed = "bind " + lab::to_string(a->ai_addr, a->ai_addrlen);
        close(endpoint);
    }
    throw std::system_error(reason, std::generic_category(), failed);
}

class Server {
 public:
    explicit Server(const ServerOptions& options)
        : options_(options),
          // One byte more than is taken, so that too long a datagram shows also where MSG_TRUNC
          // does not ask for its whole length, as on macOS.
          buffer_(options.max_datagram + 1),
          bad_network_(options.faults.any()),
          channel_(options.faults, options.queue) {}
    void run();

 private:
    bool wait_for_datagram();
    void answer_next();
    void send_through_channel(const Sender& sender, std::string_view bytes);
    void send_what_is_due();
    void send_back(const Sender& sender, std::string_view bytes);

    const ServerOptions options_;
    std::vector<char> buffer_;
    const bool bad_network_;
    LossyChannel channel_;
    std::uint64_t received_ = 0;
};

void Server::run() {
    while (!stopping) {
        if (bad_network_) send_what_is_due();
        if (wait_for_datagram()) answer_next();
    }
}

// Returns false if something in the channel is due first. Without one there is nothing to look
// for: recvfrom itself waits.
bool Server::wait_for_datagram() {
    const auto due = channel_.next_due();
    if (!due) return true;
    pollfd ready{endpoint, POLLIN, 0};
    return poll(&ready, 1, lab::milliseconds_until(*due)) > 0;
}

void Server::answer_next() {
    Sender sender;
    // poll may have promised too much (select(2), "BUGS"): what waits in the channel must not wait
    // for that.
    const int dont_wait = channel_.next_due() ? MSG_DONTWAIT : 0;
    // MSG_TRUNC: the result is how long the datagram was, also if the buffer was too short for it.
    const int flags = MSG_TRUNC | dont_wait;
    const ssize_t size = any_address
                             ? receive_from(endpoint, buffer_.data(), buffer_.size(), flags, sender)
                             : recvfrom(endpoint, buffer_.data(), buffer_.size(), flags,
                                        sender.address(), &sender.length);
    // ECONNREFUSED: somebody whom we answered is gone, and his machine says so (ICMP). It ends
    // nothing. Linux tells it to connected sockets only.
    if (size < 0 && (stopping || lab::try_again() || errno == ECONNREFUSED)) return;
    const auto length = static_cast<std::size_t>(lab::check("recvfrom", size));
    if (length > options_.max_datagram) {
        lab::log(sender.name() + ": a datagram of " + std::to_string(length) +
                 " bytes is longer than " + std::to_string(options_.max_datagram) + ": dropped");
        return;
    }
    lab::capture::received_from(endpoint, sender.address(), buffer_.data(), size);
    const std::string_view bytes(buffer_.data(), length);
    if (options_.trace.on()) options_.trace.received(sender.name(), bytes);
    if (bad_network_) {
        send_through_channel(sender, bytes);
    } else {
        send_back(sender, bytes);
    }
}

void Server::send_through_channel(const Sender& sender, std::string_view bytes) {
    // The channel knows no sockets: to it a sender is bytes, which come back with the datagram.
    const std::string_view destination(reinterpret_cast<const char*>(&sender), sizeof sender);
    const Fate fate = channel_.put(destination, bytes, Clock::now());
    ++received_;
    if (options_.trace.on())
        lab::log("datagram " + std::to_string(received_) + ": " + describe(fate));
}

void Server::send_what_is_due() {
    while (const auto datagram = channel_.take(Clock::now())) {
        Sender sender;
        std::memcpy(&sender, datagram->destination.data(), sizeof sender);
        send_back(sender, datagram->bytes);
    }
}

// One sendto is one datagram: it is taken whole or not at all, so there is no loop as in TCP.
void Server::send_back(const Sender& sender, std::string_view bytes) {
    const auto* const address = reinterpret_cast<const sockaddr*>(&sender.storage);
    const ssize_t sent =
        any_address ? send_back_to(endpoint, bytes, sender)
                    : sendto(endpoint, bytes.data(), bytes.size(), 0, address, sender.length);
    lab::capture::sent_to(endpoint, address, bytes.data(), sent);
    if (sent >= 0) {
        if (options_.trace.on()) options_.trace.sent(sender.name(), bytes);
    } else if (!stopping) {
        // This one is not told; the next sender is not to blame for it.
        lab::log(sender.name() + ": sendto: " + std::strerror(errno));
    }
}

}  // namespace

void run_server(const ServerOptions& options) {
    bind_to(options.host, options.port);
    struct sigaction action {};  // without SA_RESTART: the call that a signal interrupts ends
    action.sa_handler = stop;
    for (const int number : {SIGINT, SIGTERM})
        if (!lab::is_ignored(number)) lab::check("sigaction", sigaction(number, &action, nullptr));
    std::cout << "listening on " << lab::local_address(endpoint) << '\n';
    lab::flush_output();
    // A datagram that waits in the channel at the end is lost, as in a router that is switched off.
    Server(options).run();
}

}  // namespace udp
