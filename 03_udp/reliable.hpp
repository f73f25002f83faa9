// Delivers lines over a network that loses datagrams.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "03_udp/connected_socket.hpp"
#include "03_udp/stop_and_wait.hpp"

namespace udp {

/// Sends lines to an echo server, each until it is acknowledged.
class ReliableSender {
 public:
    /// `server` must outlive it. The other arguments are those of StopAndWait.
    ReliableSender(ConnectedSocket& server, std::chrono::milliseconds initial_timeout, int retries)
        : server_(server), sender_(initial_timeout, retries) {}

    /// Returns when the server has echoed `line`, which is line `number` of the input. Throws
    /// std::runtime_error, which names the line, if it did not or the line is too long.
    void deliver(std::uint64_t number, const std::string& line);

 private:
    ConnectedSocket& server_;
    StopAndWait sender_;
};

}  // namespace udp
