// The commands of the program.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "compare/measurement.hpp"

namespace compare {

/// What the command line of `compare run` says. A plain value.
struct RunOptions {
    Parameters parameters;
    std::vector<std::string> transports;  // empty: all
    std::string json_file, svg_file;      // empty: none
};

/// Measures, prints the tables, and writes the files. Returns whether every row has figures. Throws
/// std::runtime_error. To be called by the main thread.
bool run(const RunOptions& options);

/// What the command line of `compare bench` says. A plain value.
struct BenchOptions {
    std::string step;  // or its number
    std::size_t clients = 0;
    double rate = 0;  // a second
    std::size_t size = 0;
    std::chrono::seconds time{0};
    std::string bin;
};

/// Puts load on one step and prints what became of it. Returns whether all that came was right and
/// nothing was lost. Throws std::runtime_error. To be called by the main thread.
bool bench(const BenchOptions& options);

}  // namespace compare
