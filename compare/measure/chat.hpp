// A chat that is measured: its server, the path to it, and the session of its participants.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "compare/measure/server_process.hpp"
#include "compare/measure/session.hpp"
#include "compare/relay/relay_thread.hpp"

namespace compare {

/// Starts the server of `transport`, and a relay in front of it if there is a delay. A relay passes
/// no datagrams on: their server itself delays them, for both ways. Started processes inherit open
/// descriptors: make all chats before threads open sockets.
struct Chat {
    const ServerProcess server;
    const std::unique_ptr<relay::RelayThread> relay;
    Session session;

    /// `size`: of each text. `options`: of the server, besides those of the transport. Throws
    /// std::runtime_error if the server does not start.
    Chat(const std::string& bin, const Transport& transport, std::size_t size,
         std::chrono::milliseconds delay = {}, std::vector<std::string> options = {});
};

}  // namespace compare
