// One packet of a capture file.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace wire {

/// When something was recorded: nanoseconds since 1970, in UTC.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A packet as a capture file holds it.
struct Packet {
    Time time;
    std::uint32_t link_type = 0;  // of its first header: tcpdump.org, "Link-layer header types"
    std::string bytes;            // from the link's header on
    std::uint32_t length = 0;  // bytes on the wire: more than `bytes` has, if the capture cut them
};

}  // namespace wire
