// Helpers for the tests of a chat in lines: clients that are known to be in the room.
#pragma once

#include <cstddef>
#include <vector>

#include "tests/support/connection.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// `count` clients of a chat, connected one after the other, each of which is known to be there:
/// whoever is in has heard it say a line.
std::vector<Connection> join(const Server& server, std::size_t count, Place place = Place::here());

}  // namespace lab::test
