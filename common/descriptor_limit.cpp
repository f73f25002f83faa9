#include "common/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "common/check.hpp"
#include "common/log.hpp"

namespace lab {
namespace {

// What a server keeps open beside its clients, and those whom it refuses.
constexpr std::size_t kOwnDescriptors = 50;

}  // namespace

// Every client takes a descriptor, and these are for everything else. If they run out, the next
// client waits.
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

std::size_t room_for_clients(std::size_t asked) {
    const std::size_t wanted = asked > 0 ? asked : kUsualClients;
    rlimit limit{};
    check("getrlimit", getrlimit(RLIMIT_NOFILE, &limit));
    std::size_t clients = wanted;
    if (asked == 0 && limit.rlim_max < wanted)
        clients = limit.rlim_max - std::min<rlim_t>(limit.rlim_max / 2, kOwnDescriptors);
    raise_descriptor_limit(clients, "--max-clients", clients);
    if (clients < wanted) {
        log("room for " + std::to_string(clients) + " clients instead of " +
            std::to_string(wanted) + ": at most " + std::to_string(limit.rlim_max) +
            " descriptors are allowed (ulimit -Hn)");
    }
    return clients;
}

}  // namespace lab
