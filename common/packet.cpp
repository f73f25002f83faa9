#include "common/packet.hpp"

#include <netinet/in.h>

#include <cstring>
#include <utility>

namespace lab {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kHops = 64;
constexpr std::size_t kIpv4Address = 4;

// In network byte order.
void put(std::string& bytes, std::uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift & 0xFF);
}

void put_at(std::string& bytes, std::size_t place, std::uint16_t value) {
    bytes[place] = static_cast<char>(value >> 8);
    bytes[place + 1] = static_cast<char>(value & 0xFF);
}

// A whole packet of `segment`, whose checksum stands at `checksum_place` and is 0 yet. TCP and UDP
// add the addresses up too: the "pseudo header" of RFC 9293, section 3.1, and RFC 8200,
// section 8.1.
std::string in_ip(std::uint8_t protocol, const Endpoint& from, const Endpoint& to,
                  std::string segment, std::size_t checksum_place) {
    std::string pseudo = from.address + to.address;
    put(pseudo, segment.size(), 4);
    put(pseudo, protocol, 4);
    std::uint16_t sum = internet_checksum(pseudo + segment);
    // UDP writes 0 for "no checksum", and the same number in its other spelling for 0.
    if (sum == 0 && protocol == kUdp) sum = 0xFFFF;
    put_at(segment, checksum_place, sum);

    std::string packet;
    if (from.address.size() == kIpv4Address) {
        put(packet, 0x4500, 2);  // version 4, a header of 5 words
        put(packet, 20 + segment.size(), 2);
        put(packet, 0, 2);       // identification: needed by fragments alone
        put(packet, 0x4000, 2);  // "don't fragment"
        put(packet, kHops, 1);
        put(packet, protocol, 1);
        put(packet, 0, 2);
        packet += from.address + to.address;
        put_at(packet, 10, internet_checksum(packet));
    } else {
        put(packet, 0x60000000, 4);  // version 6
        put(packet, segment.size(), 2);
        put(packet, protocol, 1);
        put(packet, kHops, 1);
        packet += from.address + to.address;
    }
    return packet + segment;
}

}  // namespace

std::optional<Endpoint> endpoint_of(const sockaddr* address) {
    const auto bytes_of = [](const auto& field) {
        return std::string(reinterpret_cast<const char*>(&field), sizeof field);
    };
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        return Endpoint{bytes_of(v4.sin_addr), ntohs(v4.sin_port)};
    }
    if (address->sa_family != AF_INET6) return std::nullopt;
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    std::string bytes = bytes_of(v6.sin6_addr);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) bytes.erase(0, bytes.size() - kIpv4Address);
    return Endpoint{bytes, ntohs(v6.sin6_port)};
}

std::uint16_t internet_checksum(std::string_view bytes) {
    const auto byte = [&](std::size_t at) {
        return std::uint64_t{static_cast<std::uint8_t>(bytes[at])};
    };
    std::uint64_t sum = 0;
    std::size_t at = 0;
    for (; at + 1 < bytes.size(); at += 2) sum += byte(at) << 8 | byte(at + 1);
    if (at < bytes.size()) sum += byte(at) << 8;
    while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

std::string udp_packet(const Endpoint& from, const Endpoint& to, std::string_view payload) {
    std::string datagram;
    put(datagram, from.port, 2);
    put(datagram, to.port, 2);
    put(datagram, 8 + payload.size(), 2);
    put(datagram, 0, 2);
    return in_ip(kUdp, from, to, datagram.append(payload), 6);
}

TcpPackets::TcpPackets(Endpoint own, Endpoint peer, std::uint32_t first)
    : halves_{{{std::move(own), first, first}, {std::move(peer), first, first}}} {
}

std::string TcpPackets::next(Side sender, std::uint8_t flags, std::string_view payload) {
    Half& from = halves_[sender == Side::own ? 0 : 1];
    Half& to = halves_[sender == Side::own ? 1 : 0];
    std::string segment;
    put(segment, from.endpoint.port, 2);
    put(segment, to.endpoint.port, 2);
    put(segment, from.next, 4);
    put(segment, (flags & ack) ? to.next : 0, 4);
    put(segment, (flags & syn) ? 0x70 : 0x50, 1);  // a header of 7 words, or of 5
    put(segment, flags, 1);
    put(segment, 0xFFFF, 2);  // window: with the scale below, 8 MiB
    put(segment, 0, 4);       // checksum; urgent pointer
    if (flags & syn) {
        // Maximum segment size, as on loopback; no operation; window scale: a factor of 2 to the
        // 7th.
        put(segment, 0x0204FFD7, 4);
        put(segment, 0x01030307, 4);
    }
    segment += payload;

    from.next += static_cast<std::uint32_t>(payload.size());
    if (flags & (syn | fin)) ++from.next;
    if (flags & ack) to.acknowledged = to.next;
    return in_ip(kTcp, from.endpoint, to.endpoint, std::move(segment), 16);
}

std::uint32_t TcpPackets::unacknowledged(Side sender) const {
    return half(sender).next - half(sender).acknowledged;
}

}  // namespace lab
