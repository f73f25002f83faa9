// The three programs of this step, without their command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "03_udp/lossy_channel.hpp"
#include "common/log.hpp"

namespace udp {

/// The most bytes that a datagram can carry over IPv4: 65535, less 20 of the IP header and 8 of the
/// UDP header. Source: RFC 791 section 3.1, RFC 768.
constexpr std::size_t kMaxDatagram = 65507;

/// What the server's command line says. Sizes are in bytes.
struct ServerOptions {
    std::string host;
    std::string port;  // a number; "0" takes any free one
    lab::Trace trace{false};
    std::size_t max_datagram = kMaxDatagram;  // a longer one is dropped
    Faults faults;                            // of the network that the answers go through
    std::size_t queue = 0;                    // what may wait in that network
};

/// What the client's command line says.
struct ClientOptions {
    std::string host;
    std::string port;
    lab::Trace trace{false};
    // How long to wait for an echo; with `reliable`, until the first retransmission.
    std::chrono::milliseconds timeout{0};
    bool reliable = false;
    int retries = 0;  // with `reliable`: the most retransmissions of a line
};

/// What the probe's command line says.
struct ProbeOptions {
    std::string host;
    std::string port;
    lab::Trace trace{false};
    std::uint32_t count = 0;                // how many datagrams to send
    std::chrono::milliseconds interval{0};  // from one to the next
    std::size_t size = 0;                   // bytes of each, at least kProbeHeader
    std::chrono::milliseconds timeout{0};   // how long to listen after the last one
};

/// A probe's datagram begins with 4 random bytes, the same in all of a run, and 4 bytes of its
/// number, from 1 on, in network byte order.
constexpr std::size_t kProbeHeader = 8;

/// Binds to `host` and `port`, says so on stdout, and sends each datagram back to where it came
/// from, until SIGINT or SIGTERM. Throws std::system_error if it cannot bind. To be called once, by
/// the main thread: it sets the signal handlers.
void run_server(const ServerOptions& options);

/// Sends each line of standard input as a datagram, without its line end, and prints its echo,
/// until `exit` or the end of input. Without `reliable` it says which line got no answer, and goes
/// on. With it, throws std::runtime_error that names the line which could not be delivered; none
/// that follows it has been sent. Returns whether every line was sent: a line that is lost on its
/// way was.
bool run_client(const ClientOptions& options);

/// Sends numbered datagrams on schedule, prints a line for each echo and what became of all, until
/// all are sent and the time to listen has passed, or SIGINT. Returns whether any echo came. To be
/// called once, by the main thread: it sets a signal handler.
bool run_probe(const ProbeOptions& options);

}  // namespace udp
