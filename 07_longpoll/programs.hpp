// The two programs of this step, without their command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/broker/address.hpp"
#include "common/http/server.hpp"
#include "common/log.hpp"

namespace longpoll {

/// What the server's command line says.
struct ServerOptions {
    http::ServerOptions http;
    std::size_t history = 0;                   // messages that are kept
    std::size_t max_answer = 0;                // bytes of messages in one answer
    std::vector<std::string> allow_origins;    // pages of others that may talk to the server
    std::optional<lab::BrokerAddress> broker;  // of the room that several servers share
};

/// What the client's command line says.
struct ClientOptions {
    std::string url;
    lab::Trace trace{false};
    std::string name;                               // empty: the server's default
    std::chrono::seconds wait{0};                   // of each request: how long it may be parked
    std::optional<std::chrono::milliseconds> poll;  // ask so often instead, and do not wait
};

/// Listens, says so on stdout, and lets all who ask chat, until SIGINT or SIGTERM. Throws
/// std::system_error if it cannot begin. To be called once, by the main thread.
void run_server(const ServerOptions& options);

/// The chat in the terminal, until `exit` or the end of input; reconnects by itself. Returns
/// whether all was done: every line has been taken and has come back. Throws std::runtime_error if
/// the server is not there at first or refuses us, and std::system_error if nobody reads what is
/// printed.
bool run_client(const ClientOptions& options);

}  // namespace longpoll
