// A server, and the path that its clients take to it.
#pragma once

#include <memory>
#include <string>

#include "common/thread.hpp"
#include "common/wake_pipe.hpp"
#include "compare/measurement.hpp"
#include "compare/relay.hpp"
#include "compare/server_process.hpp"

namespace compare {

/// A relay that runs in a thread of its own. The thread that made it owns it.
class RelayThread {
 public:
    explicit RelayThread(const RelayOptions& options)
        : relay_(options), thread_([this] { relay_.run(wake_.reading_end()); }) {}
    ~RelayThread() { wake_.wake(); }
    RelayThread(const RelayThread&) = delete;
    RelayThread& operator=(const RelayThread&) = delete;

    [[nodiscard]] const std::string& port() const { return relay_.port(); }

 private:
    lab::WakePipe wake_;
    Relay relay_;
    lab::Thread thread_;  // alone uses relay_ from its beginning to its end, but for port()
};

/// A transport's server, and a relay in front of it if there is to be a delay. The relay knows no
/// datagrams: their server itself delays them, for there and back. One thread.
class Path {
 public:
    Path(const Parameters& parameters, const Transport& transport)
        : server_(parameters.bin, transport.step, options_of(parameters, transport)) {
        if (!parameters.delay || transport.way == Way::datagrams) return;
        RelayOptions relay{.host = "127.0.0.1", .server_port = server_.port()};
        relay.delay = *parameters.delay;
        relay_ = std::make_unique<RelayThread>(relay);
    }

    [[nodiscard]] const ServerProcess& server() const { return server_; }
    /// Where the clients connect to.
    [[nodiscard]] const std::string& port() const {
        return relay_ ? relay_->port() : server_.port();
    }

 private:
    static std::vector<std::string> options_of(const Parameters& parameters,
                                               const Transport& transport) {
        std::vector<std::string> options = transport.options;
        if (parameters.delay && transport.way == Way::datagrams) {
            options.emplace_back("--delay");
            options.push_back(std::to_string(2 * parameters.delay->count()));
        }
        return options;
    }

    ServerProcess server_;
    std::unique_ptr<RelayThread> relay_;
};

}  // namespace compare
