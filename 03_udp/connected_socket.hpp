// A client's end of a conversation in datagrams: a UDP socket that has been connected to a server.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/log.hpp"

namespace udp {

/// A UDP socket that sends to one server and receives from no one else. Traces what it sends and
/// receives.
class ConnectedSocket {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// Looks `host` up, once, and connects. That sends nothing, so it also succeeds if nobody
    /// listens there. Throws std::system_error or std::runtime_error. Source: connect(2), udp(7).
    ConnectedSocket(const std::string& host, const std::string& port, const lab::Trace& trace);

    /// Goes on with a new socket, which has another port: what is still under way to the old one
    /// reaches nobody.
    void renew();

    /// Sends `bytes`, at most kMaxDatagram, as one datagram. What the network does with it,
    /// send(2) cannot know. Throws std::system_error.
    void send(std::string_view bytes);

    /// Waits for a datagram, at most until `deadline`. Nothing if none has come, also before the
    /// deadline if the wait was disturbed, as by a signal: look at the clock and call again. The
    /// bytes stay until the next call. Throws std::system_error.
    std::optional<std::string_view> receive(Time deadline);

    /// The server's address: "127.0.0.1:12345".
    [[nodiscard]] const std::string& server() const { return server_; }
    /// A signal handler calls this to end receive().
    [[nodiscard]] int number() const { return socket_.number(); }

 private:
    void note_refusal();

    const lab::Trace trace_;
    lab::FileDescriptor socket_;
    sockaddr_storage address_{};
    socklen_t length_ = sizeof address_;
    std::string server_;
    bool refused_ = false;  // and it has been said
    std::vector<char> buffer_;
};

}  // namespace udp
