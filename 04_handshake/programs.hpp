// The programs of this step, without their command line.
#pragma once

#include <cstddef>
#include <string>

#include "common/log.hpp"

namespace websocket {

/// What the server's command line says.
struct ServerOptions {
    std::string host;
    std::string port;  // a number; "0" takes any free one
    lab::Trace trace{false};
    std::size_t max_message = 0;  // in bytes; the sender of a longer one is sent away: close 1009
    std::size_t max_clients = 0;  // the next one is refused: 503
    std::string guid;  // what the key is hashed with: kGuid, but for variants of the step
};

/// What the client's command line says.
struct ClientOptions {
    std::string url;  // ws://HOST:PORT/PATH
    lab::Trace trace{false};
    bool binary = false;          // send lines as binary messages, which need not be UTF-8
    std::size_t max_message = 0;  // in bytes; a longer one from the server ends the connection
};

/// Listens, says so on stdout, and echoes the messages of all clients, in one thread and one poll
/// loop, until SIGINT or SIGTERM. Throws std::system_error if it cannot listen. To be called once,
/// by the main thread: it sets the signal handlers.
void run_server(const ServerOptions& options);

/// Sends each line of standard input as a message, prints what arrives, until `exit` or the end of
/// input; then closes the WebSocket and waits for the server's close. Throws std::system_error if
/// it cannot connect or the connection breaks, std::runtime_error if the handshake fails, the
/// server closes first or does what RFC 6455 forbids. Returns whether every line was sent.
bool run_client(const ClientOptions& options);

}  // namespace websocket
