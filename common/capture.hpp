// The recording that --capture asks for: a pcapng file of what the program itself has sent and
// received. A step calls each system call in the open, and tells its result here in the line after
// it.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

/// The capture of the process: there is one at most, as there is one stderr. Until start() is
/// called, each function returns at once. Any thread may call them all, at any time but in a signal
/// handler. They leave errno alone, never wait for a peer, and never fail: if the disk is full,
/// this is logged once, and nothing more is recorded.
///
/// Payload, addresses, times, the order and each end of a connection are as the program saw them.
/// The rest of the headers is made up: sequence numbers, acknowledgements and how the bytes were
/// cut into packets. A socket that is bound to all addresses and has no peer, as a server's in UDP,
/// is shown as 0.0.0.0 or ::.
namespace lab::capture {

/// Records in `file` from now on, which it creates or empties: see CaptureFile. `program` is named
/// in it. Throws std::system_error if it cannot be created. Called before any other thread starts.
void start(const std::string& file, const std::string& program);

/// accept(2) has returned `socket`, or connect(2) has connected it: SYN, SYN+ACK and ACK are
/// recorded.
void accepted(int socket);
void connected(int socket);

/// send(2) has returned `result` for `bytes` on the connected `socket`, of TCP or UDP. An error
/// that tells of a reset is recorded as one; other errors send nothing.
void sent(int socket, const void* bytes, ssize_t result);
/// The same for sendmsg(2), which sends `pieces` one after the other.
void sent(int socket, std::span<const std::string_view> pieces, ssize_t result);
/// recv(2) has returned `result`, and has put that many bytes to `bytes`. 0 is the peer's FIN,
/// unless the end is our own shutdown(2).
void received(int socket, const void* bytes, ssize_t result);

/// sendto(2) has returned `result` for the datagram `bytes` to `peer`, or recvfrom(2) for one from
/// `peer`.
void sent_to(int socket, const sockaddr* peer, const void* bytes, ssize_t result);
void received_from(int socket, const sockaddr* peer, const void* bytes, ssize_t result);

/// Whether start() has been called.
bool is_on();

/// shutdown(2) has ended our half of the stream: FIN.
void shut_down(int socket);
/// close(2) comes next: FIN, or RST if bytes are unread or SO_LINGER asks for it. FileDescriptor
/// calls it.
void closing(int socket);

}  // namespace lab::capture
