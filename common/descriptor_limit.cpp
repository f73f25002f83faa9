#include "common/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "common/check.hpp"

namespace lab {

// Every client is a descriptor. For the few others there are, running out is no disaster: who comes
// then waits.
void raise_descriptor_limit(std::size_t connections, const std::string& option,
                            std::size_t clients) {
    rlimit limit{};
    check("getrlimit", getrlimit(RLIMIT_NOFILE, &limit));
    const rlim_t needed = connections;
    if (limit.rlim_cur < needed) {
        limit.rlim_cur = std::min(needed, limit.rlim_max);
        check("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
    }
    if (limit.rlim_cur < needed) {
        throw std::runtime_error(option + " " + std::to_string(clients) + ": needs " +
                                 std::to_string(needed) + " descriptors, and may have " +
                                 std::to_string(limit.rlim_max) + " (ulimit -n)");
    }
}

void raise_descriptor_limit(std::size_t max_clients) {
    raise_descriptor_limit(max_clients, "--max-clients", max_clients);
}

}  // namespace lab
