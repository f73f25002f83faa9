// A server, and the path that its clients take to it.
#pragma once

#include <memory>
#include <string>

#include "compare/measurement.hpp"
#include "compare/relay/relay_thread.hpp"
#include "compare/server_process.hpp"

namespace compare {

/// A transport's server, and a relay in front of it if there is to be a delay. The relay knows no
/// datagrams: their server itself delays them, for there and back. One thread.
class Path {
 public:
    Path(const Parameters& parameters, const Transport& transport)
        : server_(parameters.bin, transport.step, options_of(parameters, transport)) {
        if (!parameters.delay || transport.way == Way::datagrams) return;
        relay::Options relay{.host = "127.0.0.1", .server_port = server_.port()};
        relay.delay = *parameters.delay;
        relay_ = std::make_unique<relay::RelayThread>(relay);
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
    std::unique_ptr<relay::RelayThread> relay_;
};

}  // namespace compare
