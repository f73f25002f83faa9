// The measurements of `compare run`.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "compare/participants/counts.hpp"
#include "compare/participants/transport.hpp"
#include "compare/report/json_object.hpp"

namespace compare {

/// What the command line of `compare run` says.
struct Parameters {
    std::size_t clients = 20;             // readers, beside the writer
    std::size_t messages = 40;            // of the writer
    double rate = 20;                     // messages a second
    std::size_t size = 64;                // bytes of a text
    std::chrono::milliseconds delay{0};   // of the path, one way; 0: there is no relay
    std::string bin{};                    // the folder of the programs
    bool brief = false;                   // only what the one writer's messages show
    std::vector<Transport> transports{};  // those that are measured
    std::vector<std::size_t> servers{};   // of measure_shared_rooms(): how many, each time
    std::size_t writers = 1;              // the same: beside the readers
    std::string json_file{}, svg_file{};  // for the figures and their picture; empty: none

    /// Whether servers share a room.
    [[nodiscard]] bool shared() const { return !servers.empty(); }
};

/// Idle clients of measure_memory(). A server gets its memory in pages, so one client alone would
/// not show what it takes.
inline constexpr std::size_t kCrowd = 200;

/// All that was measured of one transport: parts of a JSON object, in the order in which they are
/// written. A part that was not measured is empty. With a fault there are no figures.
struct Row {
    Transport transport;
    std::string fault{};
    JsonObject delays{};  // until participants are in, and until they hear a message
    JsonObject work{};    // bytes, requests and processor time, while the one writer spoke
    JsonObject memory{};  // of the server, for one idle client
    JsonObject away{};    // the messages that were said while one reader was away
    JsonObject idle{};    // the traffic of one client while nobody speaks
    JsonObject curve{};   // the points of its picture
};

/// The chat over each transport: they join, one writes, all write, one is away. Transports that
/// poll are measured side by side, the others one after the other. Row::fault tells what goes
/// wrong.
std::vector<Row> measure_chats(const Parameters& parameters);

/// Fills Row::memory of a row without a fault: what kCrowd idle clients add to the memory of a
/// server that has one.
void measure_memory(const Parameters& parameters, Row& row);

/// Fills Row::idle of all rows without a fault, side by side: nobody speaks.
void measure_idleness(const Parameters& parameters, std::vector<Row>& rows);

/// `counts` as members of a row. "tcp_ip_bytes_estimated" are the bytes of TCP, or UDP, and IP
/// below: a segment for each call that moved bytes, and an acknowledgement for each segment, 40
/// bytes each; a datagram has 28. Segments that the kernel joins, splits or sends again are not
/// seen from here.
JsonObject traffic(const Transport& transport, const Counts& counts);

/// All that was measured, as one JSON object and a line end. `curves`: with Row::curve.
std::string json(const Parameters& parameters, const std::vector<Row>& rows, bool curves = false);

}  // namespace compare
