// The rows as programs read them.
#pragma once

#include <string>
#include <vector>

#include "compare/measure/row.hpp"

namespace compare {

/// All that was measured, as one JSON object and a line end.
std::string json(const Parameters& parameters, const std::vector<Row>& rows);

}  // namespace compare
