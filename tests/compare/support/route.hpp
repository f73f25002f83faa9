// A connection through a relay, both of whose ends are the test's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/socket.hpp"
#include "compare/relay/relay.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"

namespace lab::test {

/// The two ends of a connection through a relay.
struct Route {
    Listener server_listener;
    relay::RelayThread relay;
    Connection client;
    Connection server;

    explicit Route(const relay::Options& options = {})
        : relay(with_server(options, server_listener.port())),
          client(lab::connect_to("127.0.0.1", relay.port())),
          server(server_listener.accept()) {}

    /// `options` of a relay to the server at `port` of this machine.
    static relay::Options with_server(relay::Options options, const std::string& port) {
        options.host = "127.0.0.1";
        options.server_port = port;
        return options;
    }
};

/// A relay with a one-way `delay`.
inline relay::Options with_delay(std::chrono::milliseconds delay) {
    relay::Options options;
    options.delay = delay;
    return options;
}

/// A relay with accidents.
inline relay::Options with_trouble(double cut, double stall, std::uint32_t seed) {
    relay::Options options;
    options.rates = {.cut = cut, .stall = stall, .seed = seed};
    return options;
}

/// A seed whose first connection is cut with RST, or with FIN.
inline std::uint32_t seed_of_cut(bool reset) {
    std::uint32_t seed = 1;
    while (relay::faults_of({.cut = 1, .stall = 0, .seed = seed}, 0).reset != reset) ++seed;
    return seed;
}

}  // namespace lab::test
