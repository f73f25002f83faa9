// The rows as a picture.
#pragma once

#include <string>
#include <vector>

#include "compare/measure/row.hpp"

namespace compare {

/// Two plots in one SVG picture: the delays as a cumulative distribution over a logarithmic axis,
/// and the bytes of a delivery by kind.
std::string plot(const Parameters& parameters, const std::vector<Row>& rows);

}  // namespace compare
