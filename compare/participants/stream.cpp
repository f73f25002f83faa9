#include "compare/participants/stream.hpp"

#include <stdexcept>

#include "common/check.hpp"
#include "common/socket.hpp"

namespace compare {

void StreamParticipant::open() {
    socket_ = lab::connect_to("127.0.0.1", port_, type_);
    lab::set_nonblocking(socket_.number(), true);
    if (type_ != SOCK_STREAM) return;
    lab::send_without_delay(socket_.number());
    ++counts_.connections;
}

void StreamParticipant::leave() {
    socket_ = lab::FileDescriptor();
    unsent_.clear();
    left_ = 0;
    in_ = false;
}

std::array<pollfd, 2> StreamParticipant::watched() const {
    const int events = POLLIN | (unsent_.empty() ? 0 : POLLOUT);
    return {pollfd{socket_.number(), static_cast<short>(events), 0}, pollfd{-1, 0, 0}};
}

void StreamParticipant::send(std::string_view bytes) {
    counts_.sent.bytes += bytes.size();
    ++counts_.sent.messages;
    unsent_ += bytes;
    send_some();
}

void StreamParticipant::send_some() {
    const std::string_view bytes = std::string_view(unsent_).substr(left_);
    const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), 0);
    if (sent < 0 && lab::try_again()) return;
    lab::check("send", sent);
    ++counts_.sent.calls;
    left_ += static_cast<std::size_t>(sent);
    // The rest moves to the front: if it is long, the move takes longer than the sending.
    if (left_ <= unsent_.size() / 2) return;
    unsent_.erase(0, left_);
    left_ = 0;
}

void StreamParticipant::proceed(bool ready, bool) {
    if (!ready) return;
    if (!unsent_.empty()) send_some();
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(socket_.number(), buffer.data(), buffer.size(), 0);
    if (received < 0 && lab::try_again()) return;
    lab::check("recv", received);
    if (received == 0) throw std::runtime_error("the server has ended the connection");
    ++counts_.received.calls;
    counts_.received.bytes += static_cast<std::size_t>(received);
    receive({buffer.data(), static_cast<std::size_t>(received)});
}

}  // namespace compare
