#include <cstdint>
#include <cstdlib>

#include "03_udp/programs.hpp"
#include "common/options.hpp"

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kMaxTime = 60 * 1000;  // milliseconds

// The options that every command of this step has.
struct Common {
    std::string host = "127.0.0.1";
    std::int64_t port = 12345;
    bool trace = false;
};

int server(int argc, char** argv) {
    Common common;
    udp::Faults faults;
    std::int64_t max_datagram = udp::kMaxDatagram;
    std::int64_t delay = 0;
    std::int64_t jitter = 0;
    std::int64_t seed = faults.seed;
    std::int64_t queue = kMiB;
    lab::Options options("03_udp server");
    options.own_address(common.host, common.port);
    options.trace(common.trace);
    options.capture();
    options.number("max-datagram", "BYTES", max_datagram, 1, udp::kMaxDatagram,
                   "longest datagram; a longer one is dropped");
    options.probability("loss", faults.loss, "probability that a datagram is lost");
    options.probability("duplicate", faults.duplicate, "probability that a datagram comes twice");
    options.probability("reorder", faults.reorder, "probability that a datagram is overtaken");
    options.number("delay", "MS", delay, 0, kMaxTime, "delay of each datagram");
    options.number("jitter", "MS", jitter, 0, kMaxTime, "most that chance adds to the delay");
    options.number("seed", "N", seed, 0, UINT32_MAX, "the same seed makes the same faults");
    options.number("queue", "BYTES", queue, 1, 1024 * kMiB,
                   "most that may wait in that bad network");
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
    options.server_address(common.host, common.port);
    options.trace(common.trace);
    options.capture();
    options.number("timeout", "MS", timeout, 1, kMaxTime, "longest wait for an answer");
    options.flag("reliable", reliable, "send each line again until it is answered");
    options.number("retries", "N", retries, 0, 1000, "how often a line is sent again");
    options.parse(argc, argv);
    const bool all_sent = udp::run_client({.host = common.host,
                                           .port = std::to_string(common.port),
                                           .trace = lab::Trace(common.trace),
                                           .timeout = std::chrono::milliseconds(timeout),
                                           .reliable = reliable,
                                           .retries = static_cast<int>(retries)});
    return all_sent ? EXIT_SUCCESS : EXIT_FAILURE;
}

int probe(int argc, char** argv) {
    Common common;
    std::int64_t count = 10;
    std::int64_t interval = 100;
    std::int64_t size = 64;
    std::int64_t timeout = 1000;
    lab::Options options("03_udp probe");
    options.server_address(common.host, common.port);
    options.trace(common.trace);
    options.capture();
    options.number("count", "N", count, 1, 1000 * 1000, "datagrams to send");
    options.number("interval", "MS", interval, 0, kMaxTime, "time between two datagrams");
    options.number("size", "BYTES", size, udp::kProbeHeader, udp::kMaxDatagram,
                   "length of each datagram");
    options.number("timeout", "MS", timeout, 1, kMaxTime, "longest wait for an answer");
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
