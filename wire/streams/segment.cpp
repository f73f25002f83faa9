#include "wire/streams/segment.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace wire {
namespace {

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86DD;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

using Failed = std::string;

std::uint8_t byte(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}
// Numbers of network headers are in network byte order.
std::uint16_t short_number(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(byte(bytes, at) << 8 | byte(bytes, at + 1));
}
std::uint32_t number(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(short_number(bytes, at)) << 16 | short_number(bytes, at + 2);
}

// Removes `count` bytes; false if there are not so many.
bool remove(std::string_view& bytes, std::size_t count) {
    if (bytes.size() < count) return false;
    bytes.remove_prefix(count);
    return true;
}

// Whether the Ethernet type announces IP. VLAN tags before it are removed.
bool is_ip_type(std::string_view& bytes, std::uint16_t type) {
    for (int tags = 0; tags < 3 && (type == 0x8100 || type == 0x88A8); ++tags) {
        if (bytes.size() < 4) return false;
        type = short_number(bytes, 2);
        bytes.remove_prefix(4);
    }
    return type == kEtherIpv4 || type == kEtherIpv6;
}

// Removes a header of `size` bytes that holds the type of what follows at `type_at`.
bool remove_typed(std::string_view& bytes, std::size_t size, std::size_t type_at) {
    const std::string_view header = bytes;
    return remove(bytes, size) && is_ip_type(bytes, short_number(header, type_at));
}

// Removes the link's header. Source: tcpdump.org, "Link-layer header types".
bool remove_link(std::string_view& bytes, std::uint32_t link_type) {
    switch (link_type) {
        case 0:    // NULL: the address family, in the byte order of the machine
        case 108:  // LOOP: the same in network byte order
            return remove(bytes, 4);
        case 1:  // Ethernet
            return remove_typed(bytes, 14, 12);
        case 113:  // Linux cooked
            return remove_typed(bytes, 16, 14);
        case 276:  // Linux cooked, version 2
            return remove_typed(bytes, 20, 0);
        case 12:   // RAW of most systems
        case 14:   // of OpenBSD
        case 101:  // RAW in a file
        case 228:  // IPv4
        case 229:  // IPv6
            return true;
        default:
            return false;
    }
}

// The part of a packet behind IP's header.
struct Content {
    Segment segment;
    std::uint8_t protocol = 0;
    std::string_view bytes;
    std::size_t length = 0;  // bytes on the wire
};

std::variant<Content, Failed> parse_ipv4(std::string_view bytes) {
    if (bytes.size() < 20) return "an IPv4 header that is cut";
    const std::size_t header = (byte(bytes, 0) & 0xF) * std::size_t{4};
    // Linux writes 0 for what the network card will cut into packets later.
    std::size_t length = short_number(bytes, 2);
    if (length == 0) length = bytes.size();
    if (header < 20 || header > bytes.size() || length < header)
        return "an IPv4 header with a wrong length";
    if (short_number(bytes, 6) & 0x3FFF) return "a fragment of an IP packet";
    Content content;
    content.segment.source.address = bytes.substr(12, 4);
    content.segment.destination.address = bytes.substr(16, 4);
    content.protocol = byte(bytes, 9);
    content.bytes = bytes.substr(header, length - header);
    content.length = length - header;
    return content;
}

std::variant<Content, Failed> parse_ipv6(std::string_view bytes) {
    if (bytes.size() < 40) return "an IPv6 header that is cut";
    Content content;
    content.segment.source.address = bytes.substr(8, 16);
    content.segment.destination.address = bytes.substr(24, 16);
    content.protocol = byte(bytes, 6);
    content.length = short_number(bytes, 4);
    if (content.length == 0) content.length = bytes.size() - 40;
    content.bytes = bytes.substr(40, content.length);
    // Hop-by-hop options, routing and destination options tell their own lengths.
    while (content.protocol == 0 || content.protocol == 43 || content.protocol == 60) {
        if (content.bytes.size() < 8) return "an IPv6 extension header that is cut";
        const std::size_t size = (byte(content.bytes, 1) + std::size_t{1}) * 8;
        content.protocol = byte(content.bytes, 0);
        if (!remove(content.bytes, size)) return "an IPv6 extension header that is cut";
        content.length -= size;
    }
    if (content.protocol == 44) return "a fragment of an IP packet";
    return content;
}

std::variant<Segment, Failed> parse_tcp(Content content) {
    if (content.bytes.size() < 20) return "a TCP header that is cut";
    const std::size_t header = (byte(content.bytes, 12) >> 4) * std::size_t{4};
    if (header < 20 || header > content.length) return "a TCP header with a wrong length";
    Segment& segment = content.segment;
    segment.sequence = number(content.bytes, 4);
    segment.acknowledged = number(content.bytes, 8);
    const std::uint8_t flags = byte(content.bytes, 13);
    segment.fin = flags & 0x01;
    segment.syn = flags & 0x02;
    segment.rst = flags & 0x04;
    segment.ack = flags & 0x10;
    segment.payload = content.bytes.substr(std::min(header, content.bytes.size()));
    segment.missing = content.length - header - segment.payload.size();
    return segment;
}

std::variant<Segment, Failed> parse_udp(Content content) {
    if (content.bytes.size() < 8) return "a UDP header that is cut";
    const std::size_t length = short_number(content.bytes, 4);
    if (length < 8 || length > content.length) return "a UDP header with a wrong length";
    Segment& segment = content.segment;
    segment.protocol = Protocol::udp;
    segment.payload = content.bytes.substr(8, length - 8);
    segment.missing = length - 8 - segment.payload.size();
    return segment;
}

}  // namespace

std::string words_of(const Endpoint& endpoint) {
    const bool ipv6 = endpoint.address.size() == 16;
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(ipv6 ? AF_INET6 : AF_INET, endpoint.address.data(), text.data(), text.size());
    const std::string address = ipv6 ? "[" + std::string(text.data()) + "]" : text.data();
    return address + ":" + std::to_string(endpoint.port);
}

std::variant<Segment, std::string> parse_segment(const Packet& packet) {
    std::string_view bytes = packet.bytes;
    if (!remove_link(bytes, packet.link_type) || bytes.empty())
        return "a packet that is not IP, or of an unknown kind of link";
    const int version = byte(bytes, 0) >> 4;
    if (version != 4 && version != 6)
        return "a packet that is not IP, or of an unknown kind of link";
    auto parsed = version == 4 ? parse_ipv4(bytes) : parse_ipv6(bytes);
    if (auto* const failed = std::get_if<Failed>(&parsed)) return std::move(*failed);
    auto& content = std::get<Content>(parsed);
    if (content.protocol != kTcp && content.protocol != kUdp)
        return "a packet of neither TCP nor UDP";
    if (content.bytes.size() < 4) return "a header that is cut";
    content.segment.source.port = short_number(content.bytes, 0);
    content.segment.destination.port = short_number(content.bytes, 2);
    return content.protocol == kTcp ? parse_tcp(std::move(content)) : parse_udp(std::move(content));
}

}  // namespace wire
