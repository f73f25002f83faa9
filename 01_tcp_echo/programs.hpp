// The two programs of this step, without their command line.
#pragma once

#include <string>

#include "common/log.hpp"

namespace tcp_echo {

/// Listens on `host` and `port` (a number, "0" for any free one), says so on stdout, and echoes
/// what each client sends, one client after the other, until SIGINT or SIGTERM. Throws
/// std::system_error if it cannot listen. To be called once, by the main thread: it sets the signal
/// handlers.
void run_server(const std::string& host, const std::string& port, const lab::Trace& trace);

/// Sends each line of standard input to the server at `host` and `port` and prints its echo, until
/// `exit` or the end of input. Throws std::system_error if it cannot connect or the connection
/// breaks, std::runtime_error if the server closes it.
void run_client(const std::string& host, const std::string& port, const lab::Trace& trace);

}  // namespace tcp_echo
