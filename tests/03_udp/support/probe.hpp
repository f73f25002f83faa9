// The probe of 03_udp as a case starts it that has answers for it, however busy the machine is.
#pragma once

#include <string>
#include <vector>

#include "tests/support/program.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// `03_udp probe`, for the server at `port` of this machine, and `options`.
std::vector<std::string> probe_command(const std::string& port,
                                       const std::vector<std::string>& options);

/// The same, but it sends all datagrams at once, unless `options` say otherwise, and listens for a
/// minute: its time is not over before a slow answer has come. end_after_lines() ends it.
std::vector<std::string> patient_probe_command(const std::string& port,
                                               std::vector<std::string> options);

/// Ends the probe with Ctrl-C once it has printed `count` lines: one for each datagram that came
/// back. The exit status has to be 0.
void end_after_lines(Program& probe, int count, Place place = Place::here());

}  // namespace lab::test
