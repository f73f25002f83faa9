// Datagrams to a server that echoes them: each one hears itself, and nobody else.
#include <sys/socket.h>

#include <array>

#include "common/check.hpp"
#include "common/socket.hpp"
#include "compare/participants.hpp"

namespace compare {
namespace {

/// One thread.
class DatagramParticipant final : public Participant {
 public:
    explicit DatagramParticipant(std::string port) : port_(std::move(port)) { come_back(); }

    void say(std::string_view text) override {
        lab::check("send", send(socket_.number(), text.data(), text.size(), 0));
        counts_.sent += {.text = text.size(), .framing = 0, .heads = 0, .messages = 1, .calls = 1};
    }
    [[nodiscard]] bool settled() const override { return true; }
    // There is nothing to be in.
    [[nodiscard]] bool in() const override { return socket_.number() >= 0; }

    [[nodiscard]] std::array<pollfd, 2> watched() const override {
        return {pollfd{socket_.number(), POLLIN, 0}, pollfd{-1, 0, 0}};
    }
    void proceed(bool ready, bool) override {
        if (!ready) return;
        std::array<char, 64 * 1024> datagram;
        const ssize_t size = recv(socket_.number(), datagram.data(), datagram.size(), 0);
        if (size < 0 && lab::try_again()) return;
        lab::check("recv", size);
        const auto bytes = static_cast<std::size_t>(size);
        counts_.received += {.text = bytes, .framing = 0, .heads = 0, .messages = 1, .calls = 1};
        hear(std::string(datagram.data(), bytes));
    }

    void leave() override { socket_ = lab::FileDescriptor(); }
    void come_back() override {
        socket_ = lab::connect_to("127.0.0.1", port_, SOCK_DGRAM);
        lab::set_nonblocking(socket_.number(), true);
    }
    [[nodiscard]] Counts counts() const override { return counts_; }

 private:
    const std::string port_;
    lab::FileDescriptor socket_;
    Counts counts_;
};

}  // namespace

std::unique_ptr<Participant> join_by_datagrams(const Seat& seat) {
    return std::make_unique<DatagramParticipant>(seat.port);
}

}  // namespace compare
