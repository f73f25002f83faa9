// A connection of the tests' own, which says and hears exactly the bytes that a case wants.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// One TCP connection. Each member waits at most kDeadline and fails the case after that. One
/// thread at a time.
class Connection {
 public:
    /// Connects to `server`. With `receive_buffer`, in bytes, the kernel keeps no more than about
    /// that much for us to read: so a reader can be slow with little data.
    explicit Connection(const Server& server, int receive_buffer = 0, Place place = Place::here());
    /// Takes over a connected socket.
    explicit Connection(lab::FileDescriptor socket);

    /// Sends all of it.
    void send(std::string_view bytes, Place place = Place::here());
    /// Sends all of it; meanwhile keeps what arrives, so that neither side waits for the other.
    /// Returns false if the connection ended before all was sent.
    bool send_and_keep(std::string_view bytes, Place place = Place::here());
    /// The same, but the connection must not end; returns what has arrived.
    std::string send_and_receive(std::string_view bytes, Place place = Place::here());
    /// Sends as much as the other side takes without a pause of `pause`, at most all of it. Returns
    /// how much that was.
    std::size_t send_until_full(std::string_view bytes, std::chrono::milliseconds pause);

    /// Receives exactly `count` bytes, or fewer if the stream ends before.
    std::string receive(std::size_t count, const std::string& hint, Place place = Place::here());
    /// Receives exactly `count` bytes, which end `what`; its begin has been received before.
    std::string receive_rest(std::size_t count, const std::string& what, const std::string& begin,
                             const std::string& hint, Place place = Place::here());
    /// Receives as many bytes as `bytes` has: they must be the same.
    void expect(std::string_view bytes, const std::string& hint, Place place = Place::here());
    /// Receives up to and including the next LF, and returns it.
    std::string receive_line(const std::string& hint, Place place = Place::here());
    /// The next thing to arrive must be the orderly end of the stream (FIN), not a reset.
    void expect_end(const std::string& hint, Place place = Place::here());
    /// No reset (RST) comes within 200 ms: it would say that something sent was not read.
    void expect_no_reset(const std::string& hint, Place place = Place::here());
    /// Receives until the orderly end of the stream, and returns what came before.
    std::string receive_to_fin(const std::string& hint, Place place = Place::here());
    /// Receives until the connection ends in whatever way, and returns what came before.
    std::string receive_to_end(const std::string& hint, Place place = Place::here());
    /// Receives until the connection ends in whatever way, and keeps what has come for the members
    /// above: for a case that has to know how long that takes before it looks.
    void keep_to_end(const std::string& hint, Place place = Place::here());
    /// Sends what the other side takes at once. Returns the number of bytes: 0 if it takes none, or
    /// if the connection has ended.
    std::size_t try_send(std::string_view bytes);
    /// Waits until the other side takes more; false if it does not within `limit`, or has ended the
    /// connection.
    [[nodiscard]] bool can_send(std::chrono::milliseconds limit) const;
    /// Receives what is there at once, if anything; also nothing if the connection has ended.
    std::string try_receive();
    /// Whether there is nothing to receive just now. Does not wait.
    [[nodiscard]] bool is_silent();
    /// Waits until bytes arrive; false if none did within `limit`, or the connection has ended.
    [[nodiscard]] bool wait_for_bytes(std::chrono::milliseconds limit);

    /// Ends our half of the stream: FIN.
    void finish();
    /// Closes with a reset (RST), as a crash of the machine would look to the other side later.
    void reset();

 private:
    enum class Arrival { bytes, end, nothing, error };
    Arrival arrive(std::chrono::milliseconds limit);
    std::string take(std::size_t count);

    std::string name_;  // in the transcript
    lab::FileDescriptor socket_;
    std::string arrived_;  // the caller has not asked for these bytes yet
};

/// Waits until one of `events` has come on `socket`, as poll(2) names them, within `limit`; false
/// if none has. With kDeadline, this machine's patience() is added.
bool wait_for_events(int socket, short events, std::chrono::milliseconds limit);

/// A socket that is connected to `host`, or the case fails.
lab::FileDescriptor connect_or_fail(const std::string& host, const std::string& port,
                                    Place place = Place::here());

/// `size` bytes of text, different everywhere, so that a byte that is lost or moved is seen.
std::string text_of(std::size_t size);

/// A line of `size` bytes, its end included: `letter` again and again.
std::string line_of(std::size_t size, char letter = 'x');

}  // namespace lab::test
