// The probe: what ping(8) tells about a way through the network, told about an echo server.
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <random>

#include "03_udp/connected_socket.hpp"
#include "03_udp/network_order.hpp"
#include "03_udp/probe_statistics.hpp"
#include "03_udp/programs.hpp"
#include "common/check.hpp"
#include "common/output.hpp"
#include "common/stop_signal.hpp"

namespace udp {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stopping = 0, endpoint = -1;

// As in the server, so that a wait that begins right after the look at the flag ends at once. The
// socket has an owner, who closes it: so it is only shut.
void stop(int) {
    const int saved_errno = errno;
    stopping = 1;
    shutdown(endpoint, SHUT_RDWR);
    errno = saved_errno;
}

class Probe {
 public:
    explicit Probe(const ProbeOptions& options);
    bool run();

 private:
    [[nodiscard]] std::string datagram(std::uint32_t number) const;
    void listen_until(Clock::time_point deadline);
    void tell(std::string_view bytes);

    const ProbeOptions options_;
    ConnectedSocket server_;
    ProbeStatistics statistics_;
    // Tells our datagrams from those of an earlier run that had the same port.
    const std::string session_ = in_network_order(std::random_device()());
};

Probe::Probe(const ProbeOptions& options)
    : options_(options), server_(options.host, options.port, options.trace) {
    endpoint = server_.number();
    struct sigaction action {};
    action.sa_handler = stop;
    if (!lab::is_ignored(SIGINT)) lab::check("sigaction", sigaction(SIGINT, &action, nullptr));
}

std::string Probe::datagram(std::uint32_t number) const {
    std::string bytes = session_ + in_network_order(number);
    bytes.resize(options_.size, 'x');
    return bytes;
}

bool Probe::run() {
    // On schedule, whether answers come or not: who waits for an answer before the next one is sent
    // measures a network at rest.
    const auto start = Clock::now();
    for (std::uint32_t i = 0; i < options_.count && !stopping; ++i) {
        listen_until(start + i * options_.interval);
        if (!stopping) server_.send(datagram(statistics_.send(Clock::now())));
    }
    listen_until(Clock::now() + options_.timeout);
    std::cout << "--- " << server_.server() << " probe statistics ---\n" << statistics_.summary();
    return statistics_.received() > 0;
}

void Probe::listen_until(Clock::time_point deadline) {
    do {
        const auto bytes = server_.receive(deadline);
        if (bytes && !stopping) tell(*bytes);
    } while (!stopping && Clock::now() < deadline);
}

void Probe::tell(std::string_view bytes) {
    const auto now = Clock::now();
    if (bytes.size() != options_.size) return;
    const std::uint32_t number = from_network_order(bytes.data() + session_.size());
    if (bytes != datagram(number)) return;
    const auto arrival = statistics_.receive(number, now);
    if (!arrival) return;
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), "%.3f",
                  std::chrono::duration<double, std::milli>(arrival->round_trip).count());
    std::cout << bytes.size() << " bytes from " << server_.server() << ": seq=" << number
              << " time=" << time.data() << " ms" << (arrival->duplicate ? " (duplicate)" : "")
              << (arrival->reordered ? " (reordered)" : "") << '\n';
    lab::flush_output();
}

}  // namespace

bool run_probe(const ProbeOptions& options) {
    return Probe(options).run();
}

}  // namespace udp
