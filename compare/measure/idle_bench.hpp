// The cost of idle clients: do they make the requests of others more expensive?
#pragma once

#include "compare/measure/bench.hpp"

namespace compare {

/// Why a bench of idle clients is not possible for the step of that name or number; empty if it is.
/// It needs a server that answers a request while many connections are open: 04 to 07.
std::string idle_refusal(const std::string& step);

/// Measures a request's processor time with few idle clients, lets options.idle in all join, and
/// measures it again; then one says something, all hear it, and all leave. Returns the figures as
/// one JSON object and a line end. Throws std::runtime_error if anything of this fails, or if the
/// descriptors do not suffice.
std::string bench_idle(const BenchOptions& options);

}  // namespace compare
