// How many sockets a process may have. No step teaches it.
#pragma once

#include <cstddef>
#include <string>

namespace lab {

/// Raises the limit of open descriptors so that `connections` fit. Throws std::runtime_error if the
/// hard limit does not allow it: `option` with `clients` asked for too many. Any thread may call
/// it. Source: getrlimit(2), RLIMIT_NOFILE.
void raise_descriptor_limit(std::size_t connections, const std::string& option,
                            std::size_t clients);
/// The same for a server, whose option is --max-clients: each of them is a connection.
void raise_descriptor_limit(std::size_t max_clients);

}  // namespace lab
