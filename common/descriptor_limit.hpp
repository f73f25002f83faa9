// How many sockets a process may have. No step teaches it.
#pragma once

#include <cstddef>
#include <string>

namespace lab {

/// Raises the limit of open descriptors so that `connections` fit. Throws std::runtime_error if the
/// hard limit does not allow it: `option` with `clients` asked for too many. Source: getrlimit(2),
/// RLIMIT_NOFILE.
void raise_descriptor_limit(std::size_t connections, const std::string& option,
                            std::size_t clients);

/// How many clients a server may have whose option --max-clients says `asked`: so many, or, if that
/// is 0, kUsualClients. Raises the limit for them. If the hard limit does not allow so many, throws
/// std::runtime_error if they were asked for; else logs how many fit, and returns that, at least 1.
std::size_t room_for_clients(std::size_t asked);

/// The number of clients for which a server without --max-clients has room, and the meaning of that
/// option.
inline constexpr std::size_t kUsualClients = 10'000;
inline const std::string kMaxClientsMeaning =
    "most clients at a time; by default 10000, or as many as `ulimit -Hn` allows";

}  // namespace lab
