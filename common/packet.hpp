// IP packets, as a capture shows them: headers of IPv4 or IPv6 and of TCP or UDP, and what they
// carry. It knows no sockets that are open, no file and no clock.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lab {

/// An address and a port, in the bytes that the headers have.
struct Endpoint {
    std::string address;  // 4 bytes of IPv4, or 16 of IPv6
    std::uint16_t port = 0;
};

/// The endpoint that `address` names. An IPv6 address that stands for one of IPv4 (::ffff:1.2.3.4)
/// becomes that: the packets on the wire are of IPv4. None if it is of another family. Source: RFC
/// 4291, section 2.5.5.2.
std::optional<Endpoint> endpoint_of(const sockaddr* address);

/// The sum that IP, TCP and UDP carry: 0 for bytes that hold the right one already. Source: RFC
/// 1071.
std::uint16_t internet_checksum(std::string_view bytes);

/// The packet of one UDP datagram. `payload` holds at most 65507 bytes with IPv4, 65527 with IPv6.
/// Both endpoints are of the same family. Source: RFC 768; RFC 791, section 3.1; RFC 8200,
/// section 3.
std::string udp_packet(const Endpoint& from, const Endpoint& to, std::string_view payload);

/// One of the two programs that talk: the one that records, or the other.
enum class Side : std::uint8_t { own, peer };

/// The packets of one TCP connection. It counts the sequence numbers of both sides, so each packet
/// continues where the side's last one ended, and acknowledges all that the other side has said.
/// Source: RFC 9293, section 3.1.
class TcpPackets {
 public:
    enum Flags : std::uint8_t { fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10 };
    /// A packet that carries nothing has at most this many bytes.
    static constexpr std::size_t kMaxHeaders = 40 + 20 + 8;

    /// A connection between endpoints of the same family. Both sides count from `first` on.
    TcpPackets(Endpoint own, Endpoint peer, std::uint32_t first);

    /// The next packet of `sender`, with `flags`. `payload` and the headers fit into 65535 bytes.
    std::string next(Side sender, std::uint8_t flags, std::string_view payload = {});

    /// How many bytes of `sender` the other side has not acknowledged.
    [[nodiscard]] std::uint32_t unacknowledged(Side sender) const;

 private:
    struct Half {
        Endpoint endpoint;
        std::uint32_t next;          // sequence number of its next byte
        std::uint32_t acknowledged;  // by the other side: all before it
    };
    [[nodiscard]] const Half& half(Side side) const {
        return halves_[static_cast<std::size_t>(side)];
    }

    std::array<Half, 2> halves_;
};

}  // namespace lab
