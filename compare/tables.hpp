// The rows as people, and programs, read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compare/measurement.hpp"

namespace compare {

/// What is heard when, what it weighs and what it costs: three tables, with notes on what is not
/// plain from a heading. Escape sequences around headings only if `colour`. Any thread may call it.
std::string tables(const Parameters& parameters, const std::vector<Row>& rows, bool colour);

/// The rows that cannot be trusted, one line for each; empty if all can. Any thread may call it.
std::string faults(const std::vector<Row>& rows);

/// All that was measured, as one JSON object. Any thread may call it.
std::string json(const Parameters& parameters, const std::vector<Row>& rows);

/// Two plots, as an SVG picture: the delays as a cumulative distribution over a logarithmic axis,
/// and the bytes of a delivery by kind. Any thread may call it.
std::string plot(const Parameters& parameters, const std::vector<Row>& rows);

}  // namespace compare
