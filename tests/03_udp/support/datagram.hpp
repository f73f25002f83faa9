// A sender and a receiver of datagrams of the tests' own, for servers and clients under test.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

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
    /// When the kernel took it in, by the clock of the day. A case compares two of them: on a busy
    /// machine it reads a datagram long after that. Source: SO_TIMESTAMP in socket(7).
    std::chrono::microseconds arrival{0};
};

/// One UDP socket. Each member waits at most kDeadline and this machine's patience() with it, and
/// fails the case after that. One thread at a time.
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
    /// The next datagram if one comes within `limit`, which a busy machine does not make longer.
    std::optional<Datagram> try_receive(std::chrono::milliseconds limit);
    /// No datagram may come for `pause`, which a busy machine does not make longer either.
    void expect_none(std::chrono::milliseconds pause, const std::string& hint,
                     Place place = Place::here());
    /// All datagrams until none has come for `pause`, and this machine's patience() with it, since
    /// none that is under way must be missed. A case that knows how many are `expected` at least
    /// waits for each of those as long as receive() does, and then for `pause` alone.
    std::vector<std::string> receive_all(std::chrono::milliseconds pause, std::size_t expected = 0);
    /// Throws away the datagrams that are there.
    void forget();

 private:
    [[nodiscard]] bool has_datagram(std::chrono::milliseconds limit) const;
    [[nodiscard]] bool wait_for_datagram(std::chrono::milliseconds limit) const;
    Datagram take(const std::string& hint, Place place);

    std::string name_;  // in the transcript
    lab::FileDescriptor socket_;
};

/// A port for UDP that the kernel gives to nobody who does not ask for it: a free_port().
std::string free_udp_port();

}  // namespace lab::test
