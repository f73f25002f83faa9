// The opening moves of a TCP connection, packaged: 01_tcp_echo shows them call by call.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>

#include "common/file_descriptor.hpp"

namespace lab {

/// Listens on `port` ("0": any free one) of the first of `host`'s addresses that can be bound:
/// getaddrinfo, socket, setsockopt, bind, listen, as in 01_tcp_echo/server.cpp. Throws
/// std::system_error whose text names the call and the address, or the name that was not found.
FileDescriptor listen_on(const std::string& host, const std::string& port);

/// Connects to the first of `host`'s addresses that accepts: getaddrinfo, socket, connect, as in
/// 01_tcp_echo/client.cpp; `type` SOCK_DGRAM makes it UDP, where every address accepts. The
/// handshake with one address may take `limit`: connect(2) alone waits for minutes where nothing
/// comes back. Throws std::system_error whose text names the call and the address, or the name that
/// getaddrinfo(3) did not find.
FileDescriptor connect_to(const std::string& host, const std::string& port, int type = SOCK_STREAM,
                          std::chrono::milliseconds limit = std::chrono::seconds(10));

/// A client that has connected.
struct Accepted {
    FileDescriptor socket;  // does not block, and sends without delay
    std::string peer;       // the client's "address:port"
};

/// The next client that waits on `listener`, a socket that does not block. None if nobody waits, or
/// if accept(2) fails: then errno says why. 04_handshake/server.cpp shows it in the open.
std::optional<Accepted> accept_client(const FileDescriptor& listener);

/// Switches Nagle's algorithm off: what is sent leaves at once, although earlier bytes are not yet
/// acknowledged. Source: tcp(7), TCP_NODELAY.
void send_without_delay(int socket);

/// Whether calls on the descriptor fail with EAGAIN where they would wait. Throws
/// std::system_error. Source: fcntl(2), O_NONBLOCK.
void set_nonblocking(int descriptor, bool on);

}  // namespace lab
