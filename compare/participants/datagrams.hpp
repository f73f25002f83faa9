// Datagrams to a server that echoes them: each participant hears itself alone.
#pragma once

#include <stdexcept>

#include "compare/participants/stream.hpp"

namespace compare {

/// A client of 03_udp.
class DatagramParticipant final : public StreamParticipant {
 public:
    explicit DatagramParticipant(const ParticipantOptions& options)
        : StreamParticipant(options.port, SOCK_DGRAM) {
        DatagramParticipant::come_back();
    }

    // The server has no list of members: a client that has a socket is in.
    void come_back() override {
        open();
        in_ = true;
    }

    void say(std::string_view text) override {
        // Two texts that wait would leave as one datagram.
        if (!settled()) throw std::runtime_error("the socket takes no more datagrams");
        counts_.sent.text += text.size();
        send(text);
    }

 private:
    void receive(std::string_view datagram) override {
        ++counts_.received.messages;
        hear(std::string(datagram));
    }
};

}  // namespace compare
