// The figures of a transport: a row of the comparison.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare/measure/statistics.hpp"
#include "compare/participants/counts.hpp"
#include "compare/participants/transport.hpp"

namespace compare {

/// What the command line of `compare run` says of the chat.
struct Parameters {
    std::size_t clients = 20;            // readers, beside the writer
    std::size_t messages = 40;           // of the writer
    double rate = 20;                    // messages a second
    std::size_t size = 64;               // bytes of a text
    std::chrono::milliseconds delay{0};  // of the path, one way; 0: there is no relay
    std::string bin{};                   // the folder of the programs
    bool brief = false;                  // only what the one writer's messages show
    std::vector<std::size_t> servers{};  // of measure_shared_rooms(): how many, each time
    std::size_t writers = 1;             // the same: beside the readers
};

/// The traffic of one client while nobody speaks.
struct Idle {
    double messages = 0;        // a minute, both ways
    double bytes = 0;           // a minute, both ways
    double window = 0;          // seconds of watching
    double signs = 0;           // answers, pings or comments that came meanwhile, to all clients
    double period = 0;          // seconds between two of them at the server's defaults; 0: no signs
    double watched_period = 0;  // the same while it was watched
};

/// The messages that were said while one reader was away.
struct Away {
    std::size_t said = 0;
    std::size_t lost = 0;
};

/// All that was measured of one transport. With a fault there are no figures.
struct Row {
    Transport transport;
    std::string fault{};
    Sample joins{};                 // milliseconds from connect(2) until the transport says "in"
    Sample delays{};                // milliseconds from due to heard: one writer
    Sample delays_of_all{};         // the same: all write in turn
    double lateness = 0;            // milliseconds, at most, from due to said
    std::size_t messages = 0;       // of the one writer
    Counts counts{};                // of all participants together, while it spoke
    std::uint64_t connections = 0;  // of all participants together, at that time
    std::size_t participants = 0;
    std::optional<double> cpu_seconds{};  // of the server, while the one writer spoke
    std::optional<Away> away{};
    std::optional<double> memory_kib{};  // of the server, for one idle client
    std::optional<Idle> idle{};
};

/// The bytes of TCP, or UDP, and IP below `counts`, as an estimate: a segment for each call that
/// moved bytes, and an acknowledgement for each segment, 40 bytes each; a datagram has 28. Segments
/// that the kernel joins, splits or sends again are not seen from here.
inline double estimated_network_bytes(const Transport& transport, const Counts& counts) {
    const auto calls = static_cast<double>(counts.sent.calls + counts.received.calls);
    constexpr double kUdpAndIp = 8 + 20;
    constexpr double kTcpAndIp = 20 + 20;
    return transport.kind == ConnectionKind::datagrams ? calls * kUdpAndIp : calls * 2 * kTcpAndIp;
}

}  // namespace compare
