// A path with a delay and with faults, in user space: it stands between clients and a server.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/thread.hpp"
#include "common/wake_pipe.hpp"
#include "compare/relay/delay_line.hpp"
#include "compare/relay/faults.hpp"

namespace relay {

/// Over a longer path, a handshake would take longer than clients are ready to wait.
inline constexpr std::chrono::milliseconds kMaxDelay{1000};

struct Options {
    std::string host;                    // of the server
    std::string server_port;             // of the server
    std::string port = "0";              // to listen on, of 127.0.0.1
    std::chrono::milliseconds delay{0};  // one way
    FaultRates rates{};
    std::chrono::milliseconds finishing{1000};  // for a client to end its half after a FIN
    bool log = false;                           // says on stderr what goes wrong
};

/// One end of a connection, and the bytes that are on their way to it.
struct End {
    lab::FileDescriptor socket;
    DelayLine incoming;
};

/// Passes each connection to its port on to the server: every byte, in order, `delay` later, and
/// behind them the end, FIN or RST. The first bytes of a client leave two delays later still, as if
/// the TCP handshake went over the path too, and those of the server three. At most 1 MiB each way
/// waits here: then the relay stops reading. The program ignores SIGPIPE. One poll loop, one
/// thread.
class Relay {
 public:
    /// Listens. Throws std::system_error if it cannot.
    explicit Relay(const Options& options);
    [[nodiscard]] const std::string& port() const { return port_; }

    /// Serves until `stop`, a descriptor, is readable. Throws std::system_error if poll(2) fails.
    void run(int stop);

 private:
    using Time = DelayLine::Time;

    struct Connection {
        End client, server;
        Faults faults;
        std::size_t sent = 0;  // bytes to the client
        bool over = false;
        bool stalled = false;
        bool finishing = false;  // cut with FIN: what the client still sends is thrown away
        Time finish_by{};
    };

    void accept_client();
    void serve(Connection& connection, bool client_ready, bool server_ready);
    static void finish(Connection& connection, bool ready);
    void send_to_client(Connection& connection);
    void cut(Connection& connection);
    static void abort(Connection& connection);
    void watch(const Connection& connection, Time now, Time& next);

    const Options options_;
    const lab::FileDescriptor listener_;
    const std::string port_;
    std::uint32_t count_ = 0;  // connections so far
    bool exhausted_ = false;   // there is no descriptor for the next client: it waits
    std::list<Connection> connections_;
    std::vector<pollfd> sockets_;  // the stop, the listener, then two for each connection
};

/// A relay that runs in a thread of its own until its owner destroys it. The thread that made it
/// owns it.
class RelayThread {
 public:
    explicit RelayThread(const Options& options)
        : relay_(options), thread_([this] { relay_.run(wake_.reading_end()); }) {}
    ~RelayThread() { wake_.wake(); }
    RelayThread(const RelayThread&) = delete;
    RelayThread& operator=(const RelayThread&) = delete;

    [[nodiscard]] const std::string& port() const { return relay_.port(); }

 private:
    lab::WakePipe wake_;
    Relay relay_;
    lab::Thread thread_;  // the only user of relay_ while it runs, except for port()
};

}  // namespace relay
