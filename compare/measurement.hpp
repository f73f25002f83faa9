// The measurements of a transport.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compare/counts.hpp"
#include "compare/statistics.hpp"
#include "compare/transport.hpp"

namespace compare {

/// Milliseconds: that a message was said later than this after it was due, is told.
inline constexpr double kMuchLateness = 2;

/// What the command line says. A plain value.
struct Parameters {
    std::size_t clients = 20;                          // readers: the writer comes on top
    std::size_t messages = 40;                         // that the writer says
    double rate = 20;                                  // a second
    std::size_t size = 64;                             // bytes of a text
    std::optional<std::chrono::milliseconds> delay{};  // of the path, one way
    std::string bin{};
    bool brief = false;  // only what the one writer's messages show
};

/// The traffic of one client while nobody speaks.
struct Idle {
    double messages = 0;  // a minute, both ways
    double bytes = 0;     // a minute, both ways
    double window = 0;    // seconds: so long it was watched
    double beats = 0;     // answers, pings or comments that came in it, over all clients
    double period = 0;    // seconds between two of them as the server is by default; 0: none came
    double watched_period = 0;  // the same while it was watched
};

/// The fate of a message that was said while one reader was away.
struct Away {
    std::size_t said = 0;
    std::size_t lost = 0;
};

/// All that was measured of one transport. With a fault there are no figures. A plain value.
struct Row {
    Transport transport;
    std::string fault{};
    Sample joins{};                 // milliseconds from connect(2) until it is known to be in
    Sample delays{};                // milliseconds from due to heard: one writer
    Sample delays_of_all{};         // the same: all write in turn
    double lateness = 0;            // milliseconds, at most, from due to when it was really said
    std::size_t messages = 0;       // that the one writer said
    Counts counts{};                // of all participants together, while it spoke
    std::uint64_t connections = 0;  // of all participants together, that they have then
    std::size_t participants = 0;
    std::optional<double> cpu_seconds{};  // of the server, while the one writer spoke
    std::optional<Away> away{};
    std::optional<double> memory_kib{};  // of the server, for one idle client
    std::optional<Idle> idle{};

    [[nodiscard]] double deliveries() const { return static_cast<double>(delays.values().size()); }
};

/// The bytes of TCP, or UDP, and IP below `counts`, as an estimate: a segment for each call that
/// moved bytes, and an acknowledgement for each segment, 40 bytes each; a datagram has 28. What the
/// kernel joins, splits or sends again is not seen from here.
double estimated_network_bytes(const Transport& transport, const Counts& counts);

/// The chat over each of `transports`: they join, one writes, all write, one is away. Those that
/// poll do it side by side, the others one after the other. Faults are in the rows. `tell` is told
/// what is done. One thread, which may start others and joins them.
std::vector<Row> measure_chats(const Parameters& parameters,
                               const std::vector<Transport>& transports,
                               const std::function<void(const std::string&)>& tell);

/// Fills Row::memory_kib: what `crowd` idle clients add to the memory of a server that has one.
void measure_memory(const Parameters& parameters, Row& row, std::size_t crowd);

/// Fills Row::idle of all rows, side by side: nobody speaks.
void measure_idleness(const Parameters& parameters, std::vector<Row>& rows);

}  // namespace compare
