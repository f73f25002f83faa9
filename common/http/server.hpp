// A server of HTTP/1.1 on one thread and one loop, as 04_handshake shows it: here are the
// sockets and the time, in Connection what is said, and in an Application what the server is for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/http/connection.hpp"
#include "common/log.hpp"
#include "common/readiness.hpp"

namespace http {

/// The purpose of a server: the answers that it gives. Only the server's thread calls it, and it
/// must not wait.
class Application {
 public:
    using Clock = std::chrono::steady_clock;

    virtual ~Application() = default;
    /// `request` has come whole on `connection`, which is owed one response, now or later. HEAD
    /// comes as GET: the connection leaves the body out by itself.
    virtual void handle(Connection& connection, const Request& request) = 0;
    /// `connection`, which is still owed a response, will be destroyed.
    virtual void gone(Connection& connection) = 0;
    /// All requests that had come have been handled, and next_deadline() may have passed. Returns
    /// whether it has more to do: it is called again when what it has answered is sent. To answer
    /// one after the other takes less memory, and so less time, than to answer all at once.
    virtual bool after_round() = 0;
    /// When after_round() has to be called although no request comes; none: never.
    [[nodiscard]] virtual std::optional<Clock::time_point> next_deadline() const = 0;
    /// The server ends within a second: now is the time to answer what is owed, and to end streams.
    virtual void go_away() = 0;
    /// The server waits on `descriptors`, until it ends. An application with descriptors of its own
    /// adds them there, now or later; `who` is its address as an Application.
    virtual void watch(lab::DescriptorSet& descriptors) { static_cast<void>(descriptors); }
    /// One of these is ready. Called to the server's very end, after go_away() too.
    virtual void ready() {}
};

/// The connections that wait for something, each under a number of its own: so that what comes for
/// one that is gone does not go to another, to which its memory belongs by now.
class Owed {
 public:
    using Number = std::uint64_t;

    /// `connection` is owed a response. Returns the number to take() it with.
    Number add(Connection& connection) {
        connections_.emplace(++last_, &connection);
        return last_;
    }
    /// The connection of this number, which is owed nothing more from here; null if it is gone.
    Connection* take(Number number) {
        const auto found = connections_.extract(number);
        return found ? found.mapped() : nullptr;
    }
    /// `connection` is about to be destroyed.
    void gone(const Connection& connection) {
        std::erase_if(connections_, [&](const auto& entry) { return entry.second == &connection; });
    }

 private:
    std::map<Number, Connection*> connections_;
    Number last_ = 0;
};

/// The options of a server's command line.
struct ServerOptions {
    std::string host;
    std::string port;  // a number; "0" takes any free one
    lab::Trace trace{false};
    std::size_t max_clients = 0;  // one more is refused with 503
};

/// Listens, says so on stdout, and serves `application` until SIGINT or SIGTERM. A client that does
/// not do what it has to in time is refused with 408, or its connection ends: time_limit() in
/// server.cpp says how long it has. Throws std::system_error if it cannot listen. Call it once, in
/// the main thread.
void run_server(const ServerOptions& options, Application& application);

}  // namespace http
