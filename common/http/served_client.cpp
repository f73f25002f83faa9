#include "common/http/served_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <utility>

#include "common/capture.hpp"
#include "common/check.hpp"

namespace http {

using State = Connection::State;

ServedClient::ServedClient(lab::FileDescriptor socket, std::string peer, lab::Trace trace,
                           std::function<void()> announce)
    : socket_(std::move(socket)),
      trace_(trace),
      connection_(std::move(peer), trace, std::move(announce)) {
}

bool ServedClient::receive_some(std::vector<char>& buffer) {
    const ssize_t received = recv(socket(), buffer.data(), buffer.size(), 0);
    lab::capture::received(socket(), buffer.data(), received);
    if (received < 0) return lab::try_again();
    if (received > 0) {
        connection_.receive({buffer.data(), static_cast<std::size_t>(received)});
        return true;
    }
    if (!heard_all_) trace_.received_end(connection_.peer());
    heard_all_ = true;
    return connection_.state() != State::owing && connection_.state() != State::streaming;
}

bool ServedClient::send_some() {
    while (connection_.state() != State::aborted && connection_.has_outgoing()) {
        const auto [own, shared] = connection_.outgoing();
        std::array<iovec, 2> parts{{{const_cast<char*>(own.data()), own.size()},
                                    {const_cast<char*>(shared.data()), shared.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t count = sendmsg(socket(), &message, 0);
        lab::capture::sent(socket(), std::array{own, shared}, count);
        if (count < 0) return lab::try_again();
        connection_.sent(static_cast<std::size_t>(count));
    }
    return connection_.state() != State::aborted;
}

bool ServedClient::conclude() {
    if (connection_.has_outgoing()) return true;
    // Requests that had come before the end are still answered, one after the other.
    if (heard_all_ && connection_.state() != State::owing) connection_.finish();
    if (connection_.state() == State::finished) {
        // The server ends TCP first: FIN. The bytes that the client still sends are read and thrown
        // away: closing a socket with unread bytes would send a reset, which may destroy what was
        // sent.
        lab::capture::shut_down(socket());
        shutdown(socket(), SHUT_WR);
        trace_.sent_end(connection_.peer());
        connection_.close();
    }
    return connection_.state() != State::closed || !heard_all_;
}

short ServedClient::events() const {
    const bool reads = !heard_all_ && connection_.wants_more();
    return static_cast<short>((reads ? POLLIN : 0) | (connection_.has_outgoing() ? POLLOUT : 0));
}

}  // namespace http
