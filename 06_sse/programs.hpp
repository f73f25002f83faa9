// The two programs of this step, without their command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "06_sse/feed.hpp"
#include "common/broker/address.hpp"
#include "common/http/server.hpp"
#include "common/log.hpp"

namespace sse {

/// What the server's command line says. Sizes are in bytes.
struct ServerOptions {
    http::ServerOptions http;
    std::vector<std::string> allow_origins;    // besides its own; "*" allows all
    Feed::History history;                     // for those who come back
    std::size_t queue = 0;                     // a stream that lacks more than this is cut off
    std::chrono::seconds ping{0};              // between two comments to all streams
    std::chrono::milliseconds retry{0};        // for a client to wait before it comes back
    std::optional<lab::BrokerAddress> broker;  // of the room that several servers share
};

/// What the client's command line says.
struct ClientOptions {
    std::string url;
    lab::Trace trace{false};
    std::string name;
    std::string last_event_id;  // empty: only what is new
    // A server from which nothing has come for longer is lost.
    std::chrono::milliseconds timeout{0};
};

/// Listens, says so on stdout, and serves streams of events and those who publish, until SIGINT or
/// SIGTERM. Throws std::system_error or std::runtime_error if it cannot begin. To be called once,
/// by the main thread.
void run_server(const ServerOptions& options);

/// Prints the events and publishes the lines of the input, until `exit`, the end of input or the
/// end that the server wants; reconnects by itself. Returns whether all was done: every line is
/// published. Throws std::runtime_error if the server is not there at first or refuses us, and
/// std::system_error if nobody reads what is printed.
bool run_client(const ClientOptions& options);

}  // namespace sse
