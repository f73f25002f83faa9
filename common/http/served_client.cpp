#include "common/http/served_client.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <utility>

#include "common/check.hpp"

namespace http {

ServedClient::ServedClient(lab::FileDescriptor socket, std::string peer, lab::Trace trace,
                           Outbox& outbox)
    : Connection(std::move(peer), trace, outbox), socket_(std::move(socket)), trace_(trace) {
}

bool ServedClient::receive_some(std::vector<char>& buffer) {
    const ssize_t received = recv(socket(), buffer.data(), buffer.size(), 0);
    if (received < 0) return lab::try_again();
    if (received > 0) {
        receive({buffer.data(), static_cast<std::size_t>(received)});
        return true;
    }
    if (!heard_all_) trace_.received_end(peer());
    heard_all_ = true;
    return state() != State::owing && state() != State::streaming;
}

bool ServedClient::send_some() {
    while (state() != State::aborted && has_outgoing()) {
        const auto [own, shared] = outgoing();
        std::array<iovec, 2> parts{{{const_cast<char*>(own.data()), own.size()},
                                    {const_cast<char*>(shared.data()), shared.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t count = sendmsg(socket(), &message, 0);
        if (count < 0) return lab::try_again();
        sent(static_cast<std::size_t>(count));
        ++progress_;
    }
    return state() != State::aborted;
}

bool ServedClient::conclude() {
    if (has_outgoing()) return true;
    // Requests that had come before the end are still answered, one after the other.
    if (heard_all_ && state() != State::owing) finish();
    if (state() == State::finished && !said_all_) {
        // The server ends TCP first: FIN. The bytes that the client still sends are read and thrown
        // away: closing a socket with unread bytes would send a reset, which may destroy what was
        // sent.
        shutdown(socket(), SHUT_WR);
        trace_.sent_end(peer());
        said_all_ = true;
    }
    return !said_all_ || !heard_all_;
}

short ServedClient::events() const {
    const bool reads = !heard_all_ && wants_more();
    return static_cast<short>((reads ? POLLIN : 0) | (has_outgoing() ? POLLOUT : 0));
}

ServedClient::Awaited ServedClient::awaited() const {
    if (said_all_) return Awaited::end;
    if (state() == State::streaming) return Awaited::nothing;
    if (has_outgoing()) return Awaited::progress;
    if (state() == State::receiving) return Awaited::request;
    if (state() != State::idle) return Awaited::nothing;
    return requests() == 0 ? Awaited::request : Awaited::next_request;
}

}  // namespace http
