// A server of HTTP/1.1 on one thread and one loop, as 04_handshake shows it: here are the
// sockets and the time, in Connection what is said, and in an Application what the server is for.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "common/http/connection.hpp"
#include "common/log.hpp"

namespace http {

/// The purpose of a server: the answers that it gives. Called by the thread of the server alone,
/// and must not wait.
class Application {
 public:
    using Clock = std::chrono::steady_clock;

    virtual ~Application() = default;
    /// `request` has come whole on `connection`, which is owed one response, now or later. A
    /// request for HEAD comes as one for GET: what it is not to get is left out by itself.
    virtual void handle(Connection& connection, const Request& request) = 0;
    /// `connection`, which is still owed a response, is going to be destroyed.
    virtual void gone(Connection& connection) = 0;
    /// All requests that had come have been handled, and next_deadline() may have passed.
    virtual void after_round() = 0;
    /// When after_round() has to be called although nothing comes; none: then not at all.
    [[nodiscard]] virtual std::optional<Clock::time_point> next_deadline() const = 0;
    /// The server ends, within a second: answer what is owed, end the streams.
    virtual void go_away() = 0;
};

/// What a server's command line says of it.
struct ServerOptions {
    std::string host;
    std::string port;  // a number; "0" takes any free one
    lab::Trace trace{false};
    std::size_t max_clients = 0;  // the next one is refused: 503
};

/// Listens, says so on stdout, and serves `application` until SIGINT or SIGTERM. A request has to
/// be whole within 10 s (408); a connection without one is closed after 60 s; who takes nothing of
/// a response for 10 s is cut off. Throws std::system_error if it cannot begin. To be called once,
/// by the main thread.
void run_server(const ServerOptions& options, Application& application);

}  // namespace http
