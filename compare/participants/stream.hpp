// Participants over one socket: what they share.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "common/file_descriptor.hpp"
#include "compare/participants/participant.hpp"

namespace compare {

/// A participant with one socket, of TCP or UDP, to a server on 127.0.0.1. The program ignores
/// SIGPIPE. Its members throw std::system_error if the connection breaks.
class StreamParticipant : public Participant {
 public:
    [[nodiscard]] bool settled() const override { return unsent_.empty(); }
    [[nodiscard]] std::array<pollfd, 2> watched() const override;
    void proceed(bool ready, bool) override;
    void leave() override;
    [[nodiscard]] Counts counts() const override { return counts_; }

 protected:
    /// `type`: SOCK_STREAM or SOCK_DGRAM.
    explicit StreamParticipant(std::string port, int type = SOCK_STREAM)
        : port_(std::move(port)), type_(type) {}
    void open();
    /// Sends `bytes`, one message, at once as far as the socket takes them.
    void send(std::string_view bytes);
    /// `bytes` have come: of a stream any number, of UDP a datagram.
    virtual void receive(std::string_view bytes) = 0;

    const std::string port_;

 private:
    void send_some();

    const int type_;
    lab::FileDescriptor socket_;
    std::string unsent_;
    std::size_t left_ = 0;  // bytes of unsent_ that have left all the same
};

}  // namespace compare
