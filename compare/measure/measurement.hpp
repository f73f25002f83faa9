// The measurements of `compare run`.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "compare/measure/row.hpp"

namespace compare {

/// The chat over each of `transports`: they join, one writes, all write, one is away. Transports
/// that poll are measured side by side, the others one after the other. Row::fault tells
/// what goes wrong. `tell` gets the name of each part before it starts.
std::vector<Row> measure_chats(const Parameters& parameters,
                               const std::vector<Transport>& transports,
                               const std::function<void(const std::string&)>& tell);

/// Fills Row::memory_kib: what `crowd` idle clients add to the memory of a server that has one.
void measure_memory(const Parameters& parameters, Row& row, std::size_t crowd);

/// Fills Row::idle of all rows without a fault, side by side: nobody speaks.
void measure_idleness(const Parameters& parameters, std::vector<Row>& rows);

}  // namespace compare
