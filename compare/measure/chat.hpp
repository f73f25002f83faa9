// A chat that is measured: its server, the path to it, and the session of its participants.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "compare/measure/server_process.hpp"
#include "compare/measure/session.hpp"
#include "compare/relay/relay.hpp"

namespace compare {

/// Starts the server of `transport`, and a relay in front of it if there is a delay. A relay passes
/// no datagrams on: their server itself delays them, for both ways. Started processes inherit open
/// descriptors: make all chats before threads open sockets.
class Chat {
 public:
    /// `bin`: the folder of the programs. Programs of another folder than ours get none of the
    /// transport's options, which are no part of the contract's basic level. `size`: of each text,
    /// in bytes. `options`: of the server, besides those of the transport. Throws
    /// std::runtime_error if the server does not start.
    Chat(const std::string& bin, const Transport& transport, std::size_t size,
         std::chrono::milliseconds delay = {}, std::vector<std::string> options = {}) {
        if (bin == default_bin())
            options.insert(options.begin(), transport.options.begin(), transport.options.end());
        const bool datagrams = transport.kind == ConnectionKind::datagrams;
        if (delay.count() > 0 && datagrams)
            options.insert(options.end(), {"--delay", std::to_string(2 * delay.count())});
        server_ = std::make_unique<ServerProcess>(bin, transport.step, options);
        std::string port = server_->port();
        if (delay.count() > 0 && !datagrams) {
            relay_ = std::make_unique<relay::RelayThread>(
                relay::Options{.host = "127.0.0.1", .server_port = port, .delay = delay});
            port = relay_->port();
        }
        session_ = std::make_unique<Session>(transport, port, size);
    }

    [[nodiscard]] const ServerProcess& server() const { return *server_; }
    [[nodiscard]] Session& session() const { return *session_; }

 private:
    std::unique_ptr<ServerProcess> server_;
    std::unique_ptr<relay::RelayThread> relay_;
    std::unique_ptr<Session> session_;
};

}  // namespace compare
