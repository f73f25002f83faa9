// The measurement of `compare run --servers`: one room on several servers, with a broker between.
#pragma once

#include <string>

#include "compare/measure/measurement.hpp"

namespace compare {

/// The chat over each transport: by one server alone, then by each number of servers in
/// parameters.servers, which share the room at a broker that this starts. Participants are spread
/// over the servers in turn. Returns the figures as one JSON object and a line end; a row in which
/// something went wrong has a "fault" in place of figures. Throws std::runtime_error if there is no
/// broker.
std::string measure_shared_rooms(const Parameters& parameters);

}  // namespace compare
