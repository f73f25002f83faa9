// Many idle clients of one step, and what they cost.
#pragma once

#include <string>

#include "compare/measure/bench.hpp"

namespace compare {

/// Why a bench of idle clients is not possible for a transport of this kind; empty if it is. It
/// needs a server that answers a request while many connections are open: 04 to 07.
std::string idle_refusal(ConnectionKind kind);

/// Do idle clients make the requests of others more expensive? Measures a request's processor time
/// with few of them, lets options.idle in all join, and measures it again; then one says something,
/// all hear it, and all leave. Returns the figures as one JSON object and a line end. Throws
/// std::runtime_error if anything of this fails, or if the descriptors do not suffice.
std::string bench_idle(const BenchOptions& options);

}  // namespace compare
