// The two programs of this step, without their command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "05_ws_chat/admission.hpp"
#include "common/broker/address.hpp"
#include "common/log.hpp"

namespace ws_chat {

/// What the server's command line says. Sizes are in bytes.
struct ServerOptions {
    std::string host;
    std::string port;  // a number; "0" takes any free one
    lab::Trace trace{false};
    Rules rules;
    std::string certificate, key;  // files in PEM; empty: without TLS
    std::size_t max_text = 0;      // the sender of a longer message is sent away: 1009
    std::size_t max_binary = 0;
    std::size_t queue = 0;         // a member who lacks more than this is cut off
    double rate = 0;               // messages a second of one member, 0 for any number: 1008
    std::size_t max_clients = 0;   // the next one is refused: 503
    std::chrono::seconds ping{0};  // to a member who has been silent so long
    std::optional<lab::BrokerAddress> broker;  // of the room that several servers share
};

/// What the client's command line says.
struct ClientOptions {
    std::string url;
    lab::Trace trace{false};
    std::string name;         // empty: the server's default
    std::string token;        // empty: none
    std::string authorities;  // a file in PEM that vouches for the server; empty: the system's
    // Time limit of the handshake. Later, a server that leaves pings unanswered for this long is
    // taken for lost.
    std::chrono::seconds timeout{0};
};

/// Listens, says so on stdout, and lets all who are connected chat, until SIGINT or SIGTERM. Throws
/// std::system_error or std::runtime_error if it cannot begin. To be called once, by the main
/// thread: it blocks the two signals.
void run_server(const ServerOptions& options);

/// The chat in the terminal, until `exit` or the end of input; reconnects by itself. Returns
/// whether all was done: every line was heard. Throws std::runtime_error if the server is not there
/// at first, refuses us for good, or is gone at the end, and std::system_error if nobody reads what
/// is printed. One thread, and one more that waits for the input.
bool run_client(const ClientOptions& options);

}  // namespace ws_chat
