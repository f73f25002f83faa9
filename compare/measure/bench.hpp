// Load on one step: so many clients, so many messages a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "compare/participants/transport.hpp"

namespace compare {

struct BenchOptions {
    Transport transport{};  // of the step
    std::size_t clients = 0;
    double rate = 1000;        // messages a second
    std::size_t size = 64;     // bytes of a message
    std::int64_t seconds = 5;  // of load
    std::size_t idle = 0;      // clients of bench_idle(); 0: no such bench
    std::string bin{};         // the folder of the programs
    std::string broker{};      // the server's option --broker; empty: none
};

/// Puts load on the step. Returns what became of it, as one JSON object and a line end: "all_heard"
/// is true if all that came was right and nothing was lost. Throws std::runtime_error.
std::string bench(const BenchOptions& options);

}  // namespace compare
