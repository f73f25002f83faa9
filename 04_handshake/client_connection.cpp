#include "04_handshake/client_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"
#include "common/socket.hpp"
#include "common/url.hpp"
#include "common/visible.hpp"

namespace websocket {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kHandshake = 10s;
// Of a refusal's body, so much is shown.
constexpr std::size_t kShownBody = 200;

// Waits until the socket is ready for `events`.
void wait_for(int socket, short events, Clock::time_point deadline) {
    for (;;) {
        if (Clock::now() >= deadline)
            throw std::runtime_error("handshake: no answer in 10 seconds");
        pollfd ready{socket, events, 0};
        const int count = poll(&ready, 1, lab::milliseconds_until(deadline));
        if (count > 0) return;
        if (count < 0 && !lab::try_again()) lab::check("poll", count);
    }
}

}  // namespace

ClientConnection::ClientConnection(const std::string& url, std::size_t max_message,
                                   lab::Trace trace)
    : trace_(trace) {
    const lab::Url parts = lab::parse_url(url, "ws");
    if (parts.secure) throw std::runtime_error(url + ": TLS is not spoken here: ws:// only");
    socket_ = lab::connect_to(parts.host, parts.port);
    peer_ = lab::peer_address(socket());
    lab::set_nonblocking(socket(), true);
    lab::send_without_delay(socket());
    session_.emplace(peer_, lab::authority_of(parts), parts.target, max_message, trace);
    shake_hands();
}

void ClientConnection::shake_hands() {
    const auto deadline = Clock::now() + kHandshake;
    while (has_outgoing()) {
        wait_for(socket(), POLLOUT, deadline);
        send_some();
    }
    for (bool more = true; more && !session_->answered();) {
        wait_for(socket(), POLLIN, deadline);
        more = receive_some();
    }
    if (!session_->answered())
        throw std::runtime_error("handshake: the server ended the connection before its answer");
    const std::string& error = session_->error();
    if (error.empty()) return;
    const std::string reason = session_->answer().status > 101 ? receive_reason(deadline) : "";
    throw std::runtime_error("handshake: " + error + (reason.empty() ? "" : ": " + reason));
}

// The first line of a refusal's body, which often says more than its status.
std::string ClientConnection::receive_reason(Clock::time_point deadline) {
    const std::string& body = session_->rest();
    bool more = true;
    while (more && body.find('\n') == std::string::npos && body.size() < kShownBody) {
        wait_for(socket(), POLLIN, deadline);
        more = receive_some();
    }
    return lab::one_line(body.substr(0, std::min(body.find('\n'), kShownBody)));
}

void ClientConnection::send_some() {
    const std::string_view outgoing = session_->outgoing();
    const ssize_t sent = ::send(socket(), outgoing.data(), outgoing.size(), 0);
    lab::capture::sent(socket(), outgoing.data(), sent);
    if (sent < 0 && lab::try_again()) return;
    lab::check("send", sent);
    session_->sent(static_cast<std::size_t>(sent));
}

bool ClientConnection::receive_some() {
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(socket(), buffer.data(), buffer.size(), 0);
    lab::capture::received(socket(), buffer.data(), received);
    if (received < 0 && lab::try_again()) return true;
    lab::check("recv", received);
    session_->receive({buffer.data(), static_cast<std::size_t>(received)});
    if (received == 0) trace_.received_end(peer_);
    return received > 0;
}

std::optional<Message> ClientConnection::next() {
    try {
        return session_->next();
    } catch (const std::runtime_error&) {
        // The close frame tells the server why, as far as the socket takes it at once.
        send_some();
        lab::capture::shut_down(socket());
        shutdown(socket(), SHUT_WR);
        throw;
    }
}

}  // namespace websocket
