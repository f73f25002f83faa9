// A path with a delay, and with accidents: a program between clients and a server, in user space.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"
#include "compare/fate.hpp"
#include "compare/one_way.hpp"

namespace compare {

/// What the command line says. A plain value.
struct RelayOptions {
    std::string host;                    // of the server
    std::string server_port;             // of the server
    std::string port = "0";              // to listen on, of 127.0.0.1
    std::chrono::milliseconds delay{0};  // one way
    Trouble trouble{};
    bool log = false;  // says what goes wrong on stderr
};

/// Passes each connection to its port on to the server: every byte, in order, `delay` later, and
/// behind them its end, FIN or RST. What a new connection sends leaves another two delays later, as
/// a TCP handshake over such a path would have it, and what the server says to it, three. A full
/// path is not read from: no more than 1 MiB each way waits here. In a program that ignores
/// SIGPIPE. One poll loop, one thread.
class Relay {
 public:
    /// Listens. Throws std::system_error if it cannot.
    explicit Relay(const RelayOptions& options);
    [[nodiscard]] const std::string& port() const { return port_; }

    /// Serves until `stop`, a descriptor, is readable. Throws std::system_error if poll(2) fails.
    void run(int stop);

 private:
    using Time = OneWay::Time;

    struct Connection {
        std::uint32_t number;
        lab::FileDescriptor client, server;
        OneWay up, down;
        Fate fate;
        std::size_t brought = 0;  // bytes to the client
        bool over = false;
        bool stalled = false;
        bool finishing = false;  // cut with FIN: what the client still says is thrown away
        Time finished_by{};
    };

    void accept_client();
    void serve(Connection& connection, bool client, bool server);
    void finish(Connection& connection, bool ready);
    void serve_down(Connection& connection);
    void cut(Connection& connection);
    void abort(Connection& connection);
    void watch(Connection& connection, Time now, Time& next);

    const RelayOptions options_;
    const lab::FileDescriptor listener_;
    const std::string port_;
    std::uint32_t count_ = 0;  // of connections so far
    bool exhausted_ = false;   // there is no descriptor for the next one, who waits
    std::list<Connection> connections_;
    std::vector<pollfd> sockets_;  // the stop, the listener, then two for each connection
};

}  // namespace compare
