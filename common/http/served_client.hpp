// One client of a server: its socket, and the Connection that is spoken on it. 04_handshake shows
// both in the open.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/http/connection.hpp"
#include "common/log.hpp"

namespace http {

/// A Connection on a socket that does not block.
class ServedClient {
 public:
    /// Takes over `socket`, of the client at `peer`. `announce`: see Connection.
    ServedClient(lab::FileDescriptor socket, std::string peer, lab::Trace trace,
                 std::function<void()> announce);

    [[nodiscard]] Connection& connection() { return connection_; }
    [[nodiscard]] const Connection& connection() const { return connection_; }

    /// Receives once, with the help of `buffer`. Returns false if the connection is broken, or if
    /// the client has ended its side while it is owed a response that may be long in coming: it has
    /// hung up.
    [[nodiscard]] bool receive_some(std::vector<char>& buffer);
    /// Sends what the socket takes. Returns false if the connection is broken or aborted.
    [[nodiscard]] bool send_some();
    /// Ends our side of the stream when all is said. Returns false when both sides have ended.
    [[nodiscard]] bool conclude();

    /// A connection that another protocol takes over.
    struct HandedOver {
        lab::FileDescriptor socket;
        std::string unread;  // the bytes behind the request
    };
    /// Gives the connection away instead of a response. Nothing else may be called after that.
    [[nodiscard]] HandedOver hand_over() { return {std::move(socket_), connection_.take_unread()}; }

    /// The socket to poll(2), and the events to wait for on it.
    [[nodiscard]] int socket() const { return socket_.number(); }
    [[nodiscard]] short events() const;

 private:
    lab::FileDescriptor socket_;
    const lab::Trace trace_;
    Connection connection_;
    bool heard_all_ = false;  // the client has ended its side of the stream
};

}  // namespace http
