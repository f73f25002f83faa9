#include <cstdint>
#include <cstdlib>

#include "03_udp/udp.hpp"
#include "common/options.hpp"

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kLongestTime = 60 * 1000;  // milliseconds

// What every command of this step has.
struct Common {
    std::string host = "127.0.0.1";
    std::int64_t port = 12345;
    bool trace = false;
    void add_to(lab::Options& options) {
        options.host_and_port(host, port);
        options.flag("trace", trace);
    }
};

int server(int argc, char** argv) {
    Common common;
    udp::Faults faults;
    std::int64_t max_datagram = udp::kLargestDatagram;
    std::int64_t delay = 0;
    std::int64_t jitter = 0;
    std::int64_t seed = faults.seed;
    std::int64_t queue = kMiB;
    lab::Options options("03_udp server");
    common.add_to(options);
    options.number("max-datagram", max_datagram, 1, udp::kLargestDatagram);
    options.probability("loss", faults.loss);
    options.probability("duplicate", faults.duplicate);
    options.probability("reorder", faults.reorder);
    options.number("delay", delay, 0, kLongestTime);
    options.number("jitter", jitter, 0, kLongestTime);
    options.number("seed", seed, 0, UINT32_MAX);
    options.number("queue", queue, 1, 1024 * kMiB);
    options.parse(argc, argv);
    faults.delay = std::chrono::milliseconds(delay);
    faults.jitter = std::chrono::milliseconds(jitter);
    faults.seed = static_cast<std::uint32_t>(seed);
    udp::run_server({.host = common.host,
                     .port = std::to_string(common.port),
                     .trace = lab::Trace(common.trace),
                     .max_datagram = static_cast<std::size_t>(max_datagram),
                     .faults = faults,
                     .queue = static_cast<std::size_t>(queue)});
    return EXIT_SUCCESS;
}

int client(int argc, char** argv) {
    Common common;
    std::int64_t timeout = 1000;
    bool reliable = false;
    std::int64_t retries = 20;
    lab::Options options("03_udp client");
    common.add_to(options);
    options.number("timeout", timeout, 1, kLongestTime);
    options.flag("reliable", reliable);
    options.number("retries", retries, 0, 1000);
    options.parse(argc, argv);
    udp::run_client({.host = common.host,
                     .port = std::to_string(common.port),
                     .trace = lab::Trace(common.trace),
                     .timeout = std::chrono::milliseconds(timeout),
                     .reliable = reliable,
                     .retries = static_cast<int>(retries)});
    return EXIT_SUCCESS;
}

int probe(int argc, char** argv) {
    Common common;
    std::int64_t count = 10;
    std::int64_t interval = 100;
    std::int64_t size = 64;
    std::int64_t timeout = 1000;
    lab::Options options("03_udp probe");
    common.add_to(options);
    options.number("count", count, 1, 1000 * 1000);
    options.number("interval", interval, 0, kLongestTime);
    options.number("size", size, udp::kProbeHeader, udp::kLargestDatagram);
    options.number("timeout", timeout, 1, kLongestTime);
    options.parse(argc, argv);
    const bool answered = udp::run_probe({.host = common.host,
                                          .port = std::to_string(common.port),
                                          .trace = lab::Trace(common.trace),
                                          .count = static_cast<std::uint32_t>(count),
                                          .interval = std::chrono::milliseconds(interval),
                                          .size = static_cast<std::size_t>(size),
                                          .timeout = std::chrono::milliseconds(timeout)});
    return answered ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("03_udp", {{"server", server}, {"client", client}, {"probe", probe}},
                            argc, argv);
}
