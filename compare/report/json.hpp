// The rows as programs read them.
#pragma once

#include <string>
#include <vector>

#include "compare/measure/row.hpp"

namespace compare {

/// All that was measured, as one JSON object and a line end. `curves`: each row also has the points
/// of its picture, "delay_curve", a list of [part of all, delay in ms within which that part was
/// heard].
std::string json(const Parameters& parameters, const std::vector<Row>& rows, bool curves = false);

}  // namespace compare
