// The ladder in a browser, growing while messages come: for a lecture room.
#pragma once

#include <cstdint>
#include <string>

#include "wire/streams/reader.hpp"

namespace wire {

/// What a live page shows.
struct LiveOptions {
    std::string file;
    Filter filter;
    std::uint16_t port = 0;  // of the page's own server; 0 takes any free one
};

/// Serves a page with the messages in a capture file, also those that come while the file grows,
/// until SIGINT or SIGTERM. Only this machine can open it: it listens on 127.0.0.1, and answers
/// neither pages of other sites nor requests for another host. It keeps the last 300 messages.
/// Throws std::system_error if the file or the port cannot be opened. Call it once, in the main
/// thread.
void serve_live(const LiveOptions& options);

}  // namespace wire
