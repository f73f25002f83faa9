// The headers in front of what a program sent: of the link, of IP, of TCP or UDP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>

#include "wire/capture_file/packet.hpp"

namespace wire {

/// An address and a port.
struct Endpoint {
    std::string address;  // 4 bytes of IPv4, or 16 of IPv6
    std::uint16_t port = 0;

    bool operator==(const Endpoint&) const = default;
    bool operator<(const Endpoint& other) const {
        return std::tie(address, port) < std::tie(other.address, other.port);
    }
};

/// "127.0.0.1:8004" or "[::1]:8004".
std::string words_of(const Endpoint& endpoint);

enum class Protocol { tcp, udp };

/// One segment of TCP, or one datagram of UDP.
struct Segment {
    Protocol protocol = Protocol::tcp;
    Endpoint source, destination;
    std::string_view payload;  // good as long as the packet is
    std::size_t missing = 0;   // bytes of payload that the capture cut off
    // Of TCP alone.
    std::uint32_t sequence = 0;
    std::uint32_t acknowledged = 0;  // where the sender is in the other direction, if `ack`
    bool syn = false, ack = false, fin = false, rst = false;
};

/// Takes the headers of `packet` off: loopback of BSD (NULL, LOOP), Ethernet with VLAN tags, RAW,
/// Linux cooked (SLL, SLL2); IPv4 or IPv6; TCP or UDP. Returns why there is no segment otherwise:
/// another protocol, a fragment of IP, or a header that is cut or lies about its length. Source:
/// tcpdump.org, "Link-layer header types"; RFC 791, 8200, 9293 and 768.
std::variant<Segment, std::string> parse_segment(const Packet& packet);

}  // namespace wire
