// The packets and the blocks that captures are made of.
#include "common/packet.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "common/pcapng.hpp"

namespace {

lab::Endpoint endpoint(const char* address, std::uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    inet_pton(AF_INET, address, &v4.sin_addr);
    return *lab::endpoint_of(reinterpret_cast<const sockaddr*>(&v4));
}

lab::Endpoint endpoint6(const char* address, std::uint16_t port) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    inet_pton(AF_INET6, address, &v6.sin6_addr);
    return *lab::endpoint_of(reinterpret_cast<const sockaddr*>(&v6));
}

std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text += static_cast<char>(value);
    return text;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the checksum is that of RFC 1071 and holds for an odd number of bytes") {
    CHECK(lab::internet_checksum(bytes({0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7})) ==
          0x220D);
    CHECK(lab::internet_checksum(bytes({0x01})) == 0xFEFF);
    CHECK(lab::internet_checksum("") == 0xFFFF);
}

TEST_CASE("a datagram has its headers with both checksums") {
    // The checksums come from a few lines of Python, which add the words up with struct.
    const std::string packet =
        lab::udp_packet(endpoint("127.0.0.1", 40000), endpoint("127.0.0.1", 9), "hi");
    CHECK(packet == bytes({0x45, 0, 0, 30, 0,    0,    0x40, 0, 64, 17, 0x3C, 0xCD, 127, 0,  0, 1,
                           127,  0, 0, 1,  0x9C, 0x40, 0,    9, 0,  10, 0xFD, 0x24, 'h', 'i'}));
}

TEST_CASE("a sum of zero is written as the other zero in UDP") {
    // Chosen so that all words add up to 0xFFFF.
    const std::string packet =
        lab::udp_packet(endpoint("0.0.0.0", 0), endpoint("0.0.0.0", 0), bytes({0xFF, 0xDA}));
    CHECK(packet.substr(26, 2) == bytes({0xFF, 0xFF}));
}

TEST_CASE("an address of IPv4 that an IPv6 socket shows is one of IPv4") {
    CHECK(endpoint6("::ffff:127.0.0.1", 80).address == bytes({127, 0, 0, 1}));
    CHECK(endpoint6("::1", 80).address.size() == 16);
    sockaddr other{};
    other.sa_family = AF_UNIX;
    CHECK_FALSE(lab::endpoint_of(&other));
}

TEST_CASE("the two sides of a connection count their bytes and acknowledge the other's") {
    using lab::Side;
    using Flags = lab::TcpPackets::Flags;
    lab::TcpPackets packets(endpoint("10.0.0.1", 1), endpoint("10.0.0.2", 2), 0xFFFFFFFF);
    const auto numbers = [](const std::string& packet) { return packet.substr(24, 8); };
    const std::string syn = packets.next(Side::own, Flags::syn);
    CHECK(numbers(syn) == bytes({0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}));
    CHECK(syn.size() == 48);
    CHECK(numbers(packets.next(Side::peer, Flags::syn | Flags::ack)) ==
          bytes({0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}));
    CHECK(numbers(packets.next(Side::own, Flags::ack, "abc")) == bytes({0, 0, 0, 0, 0, 0, 0, 0}));
    CHECK(packets.unacknowledged(Side::own) == 3);
    CHECK(numbers(packets.next(Side::peer, Flags::fin | Flags::ack)) ==
          bytes({0, 0, 0, 0, 0, 0, 0, 3}));
    CHECK(packets.unacknowledged(Side::own) == 0);
    CHECK(numbers(packets.next(Side::own, Flags::ack)) == bytes({0, 0, 0, 3, 0, 0, 0, 1}));
}

TEST_CASE("each block tells its length twice and is aligned whatever the packet's length") {
    namespace pcapng = lab::pcapng;
    const auto length_at = [](const std::string& block, std::size_t at) {
        return static_cast<std::uint8_t>(block[at]) +
               256U * static_cast<std::uint8_t>(block[at + 1]);
    };
    for (std::size_t size = 0; size < 64; ++size) {
        const std::string block = pcapng::packet_block(
            std::chrono::microseconds(1), pcapng::Direction::out, std::string(size, 'x'));
        CAPTURE(size);
        CHECK(block.size() % pcapng::kAlignment == 0);
        CHECK(block.size() <= size + pcapng::kMaxOverhead);
        CHECK(length_at(block, 4) == block.size());
        CHECK(length_at(block, block.size() - 4) == block.size());
    }
    CHECK(pcapng::file_header("program", "comment").size() % pcapng::kAlignment == 0);
    const std::string filler = pcapng::filler(16);
    CHECK(filler.size() == 16);
    CHECK(length_at(filler, 12) == 16);
}

TEST_SUITE_END();
