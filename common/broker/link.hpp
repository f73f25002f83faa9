// One connection to a broker, which never waits: commands go in, replies come out.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/log.hpp"
#include "common/resp.hpp"

namespace lab {

/// One of the addresses of a host: what getaddrinfo(3) has found. A plain value.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

/// The addresses of `host`: getaddrinfo(3), which may wait for the network. Throws
/// std::runtime_error if the name is not found.
std::vector<SocketAddress> look_up(const std::string& host, const std::string& port);

/// A connection over which commands are sent one after the other: replies come in the same order.
/// Its owner polls it.
class BrokerLink {
 public:
    /// Begins to connect to `address`. No reply may be more than `limits`. Throws
    /// std::system_error.
    BrokerLink(const SocketAddress& address, RespParser::Limits limits);

    /// A command for transfer() to send.
    void command(const std::vector<std::string_view>& words) { append_command(outgoing_, words); }
    /// Traces from now on what goes over it, and tells it to the capture. A password goes before.
    void show(Trace trace);
    /// Sends what it can, reads what is there, but not for ever if more keeps coming, and calls
    /// `handle` with each reply. `handle` may call command(). Throws std::system_error or
    /// std::runtime_error if the connection cannot be made, is lost, or is not RESP.
    void transfer(const std::function<void(RespValue&)>& handle);

    [[nodiscard]] int socket() const { return socket_.number(); }
    /// The events to wait for on the socket: see poll(2).
    [[nodiscard]] short events() const;
    /// How many bytes of commands have not been sent.
    [[nodiscard]] std::size_t unsent() const { return outgoing_.size(); }

 private:
    [[nodiscard]] bool connected();
    void send_some();
    bool receive_some(const std::function<void(RespValue&)>& handle);

    FileDescriptor socket_;
    const std::string peer_;
    Trace trace_{false};
    bool shown_ = false;
    bool connecting_ = true;
    std::string outgoing_;
    RespParser parser_;
};

}  // namespace lab
