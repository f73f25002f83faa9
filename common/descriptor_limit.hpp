// How many sockets a process may have. No step teaches it.
#pragma once

#include <cstddef>

namespace lab {

/// Raises the limit of open descriptors so that `clients` connections fit. Throws
/// std::runtime_error if the hard limit does not allow it. Any thread may call it. Source:
/// getrlimit(2), RLIMIT_NOFILE.
void raise_descriptor_limit(std::size_t clients);

}  // namespace lab
