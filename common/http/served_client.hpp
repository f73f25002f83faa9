// One client of a server: its socket, and what is said on it. 04_handshake shows it in the open.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/http/connection.hpp"
#include "common/log.hpp"

namespace http {

/// A Connection on a socket that does not block. It belongs to the server's thread.
class ServedClient : public Connection {
 public:
    using Clock = std::chrono::steady_clock;

    /// The event that has to happen next, or else the client's time is over.
    enum class Awaited {
        nothing,       // the response is the application's to give, or never ends
        request,       // becomes whole
        next_request,  // begins
        progress,      // the client takes something of what it has asked for
        end,           // the client ends its side after we have ended ours
    };

    /// Takes over `socket`, of the client at `peer`.
    ServedClient(lab::FileDescriptor socket, std::string peer, lab::Trace trace, Outbox& outbox);

    /// Receives once, with the help of `buffer`. Returns false if the connection is broken, or if
    /// the client has ended its side while it is owed a response that may be long in coming: it has
    /// hung up.
    [[nodiscard]] bool receive_some(std::vector<char>& buffer);
    /// Sends what the socket takes. Returns false if the connection is broken or aborted.
    [[nodiscard]] bool send_some();
    /// Ends our side of the stream when all is said. Returns false when both sides have ended.
    [[nodiscard]] bool conclude();

    /// The rest of a connection that another protocol takes over.
    struct HandedOver {
        lab::FileDescriptor socket;
        std::string unread;  // what has arrived behind the request
    };
    /// Gives the connection away instead of a response. This object is good for nothing after that.
    [[nodiscard]] HandedOver hand_over() { return {std::move(socket_), take_unread()}; }

    /// The socket to poll(2), and the events to wait for on it.
    [[nodiscard]] int socket() const { return socket_.number(); }
    [[nodiscard]] short events() const;
    [[nodiscard]] Awaited awaited() const;
    /// A number that changes when awaited() begins again: with each request that has come whole,
    /// and with each byte that was sent while progress was awaited.
    [[nodiscard]] std::size_t steps() const { return requests() + progress_; }

 private:
    lab::FileDescriptor socket_;
    const lab::Trace trace_;
    std::size_t progress_ = 0;
    bool heard_all_ = false;  // the client has ended its side of the stream
    bool said_all_ = false;   // we have ended ours
};

}  // namespace http
