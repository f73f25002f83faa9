// The rows as people read them.
#pragma once

#include <string>
#include <vector>

#include "compare/measure/row.hpp"

namespace compare {

/// Three tables with their notes: the delays, the bytes of a delivery, and the costs; or one short
/// table if parameters.brief. Escape sequences around headings only if `colour`.
std::string tables(const Parameters& parameters, const std::vector<Row>& rows, bool colour);

/// A line for each row that has a fault; empty if none has.
std::string faults(const std::vector<Row>& rows);

}  // namespace compare
