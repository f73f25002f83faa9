// A chat that is measured: its servers, the path to them, and the session of its participants.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
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
    /// in bytes. `options`: of the server, besides those of the transport. `count` servers share
    /// the room, as the options tell them, and the participants are spread over them; with a delay,
    /// one. Throws std::runtime_error if a server does not start.
    Chat(const std::string& bin, const Transport& transport, std::size_t size,
         std::chrono::milliseconds delay = {}, std::vector<std::string> options = {},
         std::size_t count = 1) {
        if (bin == default_bin())
            options.insert(options.begin(), transport.options.begin(), transport.options.end());
        const bool datagrams = transport.kind == ConnectionKind::datagrams;
        if (delay.count() > 0 && datagrams)
            options.insert(options.end(), {"--delay", std::to_string(2 * delay.count())});
        std::vector<std::string> ports;
        for (std::size_t i = 0; i < count; ++i)
            ports.push_back(servers_.emplace_back(bin, transport.step, options).port());
        if (delay.count() > 0 && !datagrams) {
            relay_ = std::make_unique<relay::RelayThread>(
                relay::Options{.host = "127.0.0.1", .server_port = ports.front(), .delay = delay});
            ports.front() = relay_->port();
        }
        session_ = std::make_unique<Session>(transport, ports, size);
    }

    /// The first server, which mostly is the only one.
    [[nodiscard]] const ServerProcess& server() const { return servers_.front(); }
    /// Process::cpu_seconds() of all servers together.
    [[nodiscard]] std::optional<double> cpu_seconds() const {
        double sum = 0;
        for (const ServerProcess& server : servers_) {
            const auto seconds = server.cpu_seconds();
            if (!seconds) return std::nullopt;
            sum += *seconds;
        }
        return sum;
    }
    [[nodiscard]] Session& session() const { return *session_; }

 private:
    std::list<ServerProcess> servers_;
    std::unique_ptr<relay::RelayThread> relay_;
    std::unique_ptr<Session> session_;
};

}  // namespace compare
