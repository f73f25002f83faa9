// A connection through a relay, both of whose ends are the test's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/socket.hpp"
#include "compare/path.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"

namespace lab::test {

/// The two ends of a connection through a relay.
struct Route {
    Listener server_listener;
    compare::RelayThread relay;
    Connection client;
    Connection server;

    explicit Route(const compare::RelayOptions& options = {})
        : relay(with_server(options, server_listener.port())),
          client(lab::connect_to("127.0.0.1", relay.port())),
          server(server_listener.accept()) {}

    /// `options` of a relay to the server at `port` of this machine.
    static compare::RelayOptions with_server(compare::RelayOptions options,
                                             const std::string& port) {
        options.host = "127.0.0.1";
        options.server_port = port;
        return options;
    }
};

/// A relay with a one-way `delay`.
inline compare::RelayOptions with_delay(std::chrono::milliseconds delay) {
    compare::RelayOptions options;
    options.delay = delay;
    return options;
}

/// A relay with accidents.
inline compare::RelayOptions with_trouble(double cut, double stall, std::uint32_t seed) {
    compare::RelayOptions options;
    options.trouble = {.cut = cut, .stall = stall, .seed = seed};
    return options;
}

/// A seed whose first connection is cut with RST, or with FIN.
inline std::uint32_t seed_of_cut(bool reset) {
    std::uint32_t seed = 1;
    while (compare::fate_of({.cut = 1, .stall = 0, .seed = seed}, 0).reset != reset) ++seed;
    return seed;
}

}  // namespace lab::test
