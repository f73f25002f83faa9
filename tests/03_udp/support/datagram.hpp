// A sender and a receiver of datagrams of the tests' own, for servers and clients under test.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// Where a datagram came from.
struct Sender {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
};

/// A datagram, and who sent it.
struct Datagram {
    std::string bytes;
    Sender sender;
};

/// One UDP socket. Each member waits at most kDeadline, and fails the case after that. One thread
/// at a time.
class DatagramSocket {
 public:
    /// A client: sends to `server`, and receives from nobody else.
    explicit DatagramSocket(const Server& server);
    /// A server: on a free port of 127.0.0.1, for the client under test.
    DatagramSocket();

    /// Its own port.
    [[nodiscard]] std::string port() const;

    /// Sends one datagram, as a client.
    void send(std::string_view bytes, Place place = Place::here());
    /// The same, but returns false if it is refused: nobody has the server's port any more.
    [[nodiscard]] bool try_send(std::string_view bytes);
    /// Sends one datagram, as a server.
    void send_to(const Sender& receiver, std::string_view bytes, Place place = Place::here());

    /// The next datagram.
    Datagram receive(const std::string& hint, Place place = Place::here());
    /// The next datagram has to be `bytes`.
    void expect(std::string_view bytes, const std::string& hint, Place place = Place::here());
    /// No datagram may come for `pause`.
    void expect_none(std::chrono::milliseconds pause, const std::string& hint,
                     Place place = Place::here());
    /// All datagrams until none has come for `pause`.
    std::vector<std::string> receive_all(std::chrono::milliseconds pause);
    /// Throws away the datagrams that are there.
    void forget();

 private:
    [[nodiscard]] bool wait_for_datagram(std::chrono::milliseconds limit) const;

    std::string name_;  // in the transcript
    lab::FileDescriptor socket_;
};

/// A port for UDP that the kernel gives to nobody who does not ask for it: a free_port().
std::string free_udp_port();

}  // namespace lab::test
