// A TCP connection of a participant that does not speak HTTP: bytes out, bytes in, calls counted.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket.hpp"
#include "compare/counts.hpp"

namespace compare {

/// One connection to a server on 127.0.0.1, whose socket never blocks. Throws std::system_error if
/// it is broken, in a program that ignores SIGPIPE. One thread.
class Stream {
 public:
    explicit Stream(const std::string& port) : socket_(lab::connect_to("127.0.0.1", port)) {
        lab::set_nonblocking(socket_.number(), true);
        lab::send_without_delay(socket_.number());
    }

    /// Sends `bytes`, at once as far as the socket takes them.
    void send(std::string_view bytes) {
        unsent_ += bytes;
        send_some();
    }
    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }
    /// Whether the server has ended the connection.
    [[nodiscard]] bool ended() const { return ended_; }

    /// For poll(2).
    [[nodiscard]] pollfd watched() const {
        const int events = (ended_ ? 0 : POLLIN) | (unsent_.empty() ? 0 : POLLOUT);
        return {socket_.number(), static_cast<short>(events), 0};
    }
    /// Sends what is left, and returns what has arrived.
    std::string transfer() {
        if (!unsent_.empty()) send_some();
        std::array<char, 64 * 1024> buffer;
        const ssize_t received = recv(socket_.number(), buffer.data(), buffer.size(), 0);
        if (received < 0 && lab::try_again()) return {};
        lab::check("recv", received);
        ended_ = received == 0;
        if (!ended_) ++calls_.received.calls;
        return {buffer.data(), static_cast<std::size_t>(received)};
    }

    /// The calls alone: what went over it, its owner knows better.
    [[nodiscard]] const Counts& calls() const { return calls_; }

 private:
    void send_some() {
        const ssize_t sent = ::send(socket_.number(), unsent_.data(), unsent_.size(), 0);
        if (sent < 0 && lab::try_again()) return;
        lab::check("send", sent);
        unsent_.erase(0, static_cast<std::size_t>(sent));
        ++calls_.sent.calls;
    }

    lab::FileDescriptor socket_;
    std::string unsent_;
    bool ended_ = false;
    Counts calls_;
};

}  // namespace compare
