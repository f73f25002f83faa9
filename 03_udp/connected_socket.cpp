#include "03_udp/connected_socket.hpp"

#include <poll.h>

#include <cerrno>

#include "03_udp/programs.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"
#include "common/socket.hpp"

namespace udp {

ConnectedSocket::ConnectedSocket(const std::string& host, const std::string& port,
                                 const lab::Trace& trace)
    : trace_(trace),
      socket_(lab::connect_to(host, port, SOCK_DGRAM)),
      server_(lab::peer_address(socket_.number())),
      buffer_(kMaxDatagram + 1) {
    auto* const address = reinterpret_cast<sockaddr*>(&address_);
    lab::check("getpeername", getpeername(socket_.number(), address, &length_));
}

void ConnectedSocket::renew() {
    lab::FileDescriptor fresh(lab::check("socket", socket(address_.ss_family, SOCK_DGRAM, 0)));
    // connect sends nothing. It notes the server's address: send needs none then, and the kernel
    // hands us only what comes from there.
    const auto* const address = reinterpret_cast<const sockaddr*>(&address_);
    lab::check("connect " + server_, connect(fresh.number(), address, length_));
    // The old socket was open until now, so the new one cannot have got the same port.
    socket_ = std::move(fresh);
}

void ConnectedSocket::send(std::string_view bytes) {
    for (;;) {
        const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), 0);
        lab::capture::sent(socket_.number(), bytes.data(), sent);
        if (sent >= 0) break;
        // The refusal (ICMP) of an earlier datagram is told by the next call, whichever it is: then
        // this one has not been sent.
        if (errno == ECONNREFUSED) note_refusal();
        if (errno != ECONNREFUSED && errno != EINTR) lab::check("send " + server_, -1);
    }
    trace_.sent(server_, bytes);
}

std::optional<std::string_view> ConnectedSocket::receive(Time deadline) {
    pollfd ready{socket_.number(), POLLIN, 0};
    const int count = poll(&ready, 1, lab::milliseconds_until(deadline));
    if (count < 0 && errno != EINTR) lab::check("poll", count);
    if (count <= 0) return std::nullopt;
    // The kernel may find only now that a datagram is damaged (its checksum), and drop it:
    // MSG_DONTWAIT, so that this does not wait for the next one.
    const ssize_t size = recv(socket_.number(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    lab::capture::received(socket_.number(), buffer_.data(), size);
    if (size < 0 && errno == ECONNREFUSED) note_refusal();
    if (size < 0 && (errno == ECONNREFUSED || lab::try_again())) return std::nullopt;
    lab::check("recv " + server_, size);
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    trace_.received(server_, bytes);
    return bytes;
}

// Nobody listens there just now. Somebody may a moment later, so it is no reason to give up.
void ConnectedSocket::note_refusal() {
    const int saved_errno = errno;
    if (!refused_) lab::log(server_ + ": nothing listens there (ICMP port unreachable)");
    refused_ = true;
    errno = saved_errno;
}

}  // namespace udp
