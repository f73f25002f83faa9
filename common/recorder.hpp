// The packets of a recording: what a program's calls make of its connections, in a file. It is what
// common/capture.hpp is made of.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/capture_file.hpp"
#include "common/packet.hpp"

namespace lab {

/// Owns the file, and all that is known of each connection. Its mutex guards all of it: a caller
/// holds it. A socket is named by its descriptor. Source: RFC 9293, section 3.
class Recorder {
 public:
    /// Creates `file`, and names `program` in it. Throws std::system_error.
    Recorder(const std::string& file, const std::string& program) : file_(file, program) {}

    /// A TCP connection is open, which the side `first` has opened: the three-way handshake.
    void open(int socket, Side first);
    /// `sender` has sent these bytes of its stream, in as many packets as they need.
    void say(int socket, Side sender, std::string_view bytes);
    /// `sender` has ended its stream: FIN, once.
    void end(int socket, Side sender);
    /// A call has failed with `error`, an errno: RST, if it tells of a reset.
    void fail(int socket, int error);
    /// close(2) comes next: FIN, or RST.
    void close(int socket);
    /// `sender` has sent a datagram. `peer` is the other end; null: the one that the socket is
    /// connected to.
    void datagram(int socket, Side sender, const sockaddr* peer, std::string_view bytes);

    std::mutex mutex;

 private:
    struct Stream {
        TcpPackets packets;
        std::array<bool, 2> ended{};  // by FIN: our half, the peer's
        bool over = false;            // by RST
    };
    Stream* live(int socket);
    void reset(Stream& stream, Side sender);
    void add(Stream& stream, Side sender, std::uint8_t flags, std::string_view payload = {}) {
        file_.add(sender, stream.packets.next(sender, flags, payload));
    }

    CaptureFile file_;
    std::unordered_map<int, Stream> streams_;
    std::unordered_map<int, Endpoint> bound_;  // our own ends of UDP
    std::uint32_t opened_ = 0;
};

}  // namespace lab
