#include "common/broker/link.hpp"

#include <netdb.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/socket.hpp"

namespace lab {
namespace {

// One call of transfer() reads so many times at most: then it is the turn of the server's clients.
constexpr int kMaxReads = 16;

const sockaddr* address_of(const SocketAddress& address) {
    return reinterpret_cast<const sockaddr*>(&address.storage);
}

}  // namespace

std::vector<SocketAddress> look_up(const std::string& host, const std::string& port) {
    addrinfo hints{}, *addresses = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &addresses))
        throw std::runtime_error("getaddrinfo " + host + ": " + gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(addresses, freeaddrinfo);
    std::vector<SocketAddress> found;
    for (const addrinfo* a = addresses; a; a = a->ai_next) {
        SocketAddress& address = found.emplace_back();
        std::memcpy(&address.storage, a->ai_addr, a->ai_addrlen);
        address.length = a->ai_addrlen;
    }
    return found;
}

BrokerLink::BrokerLink(const SocketAddress& address, RespParser::Limits limits)
    : socket_(check("socket", ::socket(address.storage.ss_family, SOCK_STREAM, 0))),
      peer_(to_string(address_of(address), address.length)),
      parser_(limits) {
    set_nonblocking(socket(), true);
    send_without_delay(socket());
    const int result = connect(socket(), address_of(address), address.length);
    // It goes on in the background, after EINTR too.
    if (result < 0 && errno != EINPROGRESS && errno != EINTR) check("connect " + peer_, result);
}

void BrokerLink::transfer(const std::function<void(RespValue&)>& handle) {
    if (connecting_ && !connected()) return;
    send_some();
    for (int i = 0; i < kMaxReads && receive_some(handle); ++i) {
    }
    // A reply may have been answered with the next command.
    send_some();
}

void BrokerLink::show(Trace trace) {
    trace_ = trace;
    shown_ = true;
    capture::connected(socket());
}

// 01_tcp_echo's connect(2) waits; this one is over when the socket can be written to.
bool BrokerLink::connected() {
    pollfd writable{socket(), POLLOUT, 0};
    if (poll(&writable, 1, 0) <= 0) return false;
    int error = 0;
    socklen_t size = sizeof error;
    check("getsockopt", getsockopt(socket(), SOL_SOCKET, SO_ERROR, &error, &size));
    errno = error;
    check("connect " + peer_, error ? -1 : 0);
    connecting_ = false;
    return true;
}

void BrokerLink::send_some() {
    while (!outgoing_.empty()) {
        const ssize_t sent = send(socket(), outgoing_.data(), outgoing_.size(), 0);
        if (shown_) capture::sent(socket(), outgoing_.data(), sent);
        if (sent < 0 && try_again()) return;
        const auto count = static_cast<std::size_t>(check("send", sent));
        trace_.sent(peer_, std::string_view(outgoing_).substr(0, count));
        outgoing_.erase(0, count);
    }
}

// Returns whether there may be more.
bool BrokerLink::receive_some(const std::function<void(RespValue&)>& handle) {
    std::array<char, 16 * 1024> buffer;
    const ssize_t received = recv(socket(), buffer.data(), buffer.size(), 0);
    if (shown_) capture::received(socket(), buffer.data(), received);
    if (received < 0 && try_again()) return false;
    if (check("recv", received) == 0) throw std::runtime_error("it has ended the connection");
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
    trace_.received(peer_, bytes);
    const bool full = bytes.size() == buffer.size();
    for (;;) {
        const auto result = parser_.parse(bytes);
        if (result == RespParser::Result::need_more) return full;
        if (result == RespParser::Result::bad) throw std::runtime_error(parser_.error());
        handle(parser_.value());
    }
}

short BrokerLink::events() const {
    if (connecting_) return POLLOUT;
    return static_cast<short>(POLLIN | (outgoing_.empty() ? 0 : POLLOUT));
}

}  // namespace lab
