// The two programs of this step, without their command line.
#pragma once

#include <cstddef>
#include <string>

#include "common/log.hpp"

namespace threaded_chat {

/// What the server's command line says. Sizes are in bytes.
struct ServerOptions {
    std::string host;
    std::string port;  // a number; "0" takes any free one
    lab::Trace trace{false};
    bool raw = false;             // forward what recv returned, without looking for lines
    std::size_t max_line = 0;     // a longer line is refused, and who sent it sent away
    std::size_t queue = 0;        // a reader for whom more than this waits is cut off
    std::size_t max_clients = 0;  // the next one is refused
};

/// What the client's command line says.
struct ClientOptions {
    std::string host;
    std::string port;
    lab::Trace trace{false};
    std::string name;  // empty: lines are sent as they are
};

/// Listens, says so on stdout, and passes each client's lines on to all the others, until SIGINT or
/// SIGTERM. Throws std::system_error if it cannot listen. To be called once, by the main thread: it
/// sets the signal handlers.
void run_server(const ServerOptions& options);

/// Sends the lines of standard input, prints what arrives, until `exit` or the end of input. Throws
/// std::system_error if it cannot connect or the connection breaks, std::runtime_error if the
/// server closes it.
void run_client(const ClientOptions& options);

}  // namespace threaded_chat
