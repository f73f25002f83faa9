// Tests of the headers in front of what a program sent.
#include "wire/streams/segment.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "tests/wire/support/capture.hpp"

using namespace lab::test;

namespace {

std::variant<wire::Segment, std::string> parse(const wire::Packet& packet) {
    return wire::parse_segment(packet);
}

// "source → destination payload", or the reason why there is no segment.
std::string words(const wire::Packet& packet) {
    const auto parsed = parse(packet);
    if (const auto* const reason = std::get_if<std::string>(&parsed)) return *reason;
    const auto& segment = std::get<wire::Segment>(parsed);
    return wire::words_of(segment.source) + " → " + wire::words_of(segment.destination) + " " +
           std::string(segment.payload);
}

wire::Packet of_link(std::uint32_t link_type, const std::string& header, const std::string& rest) {
    wire::Packet packet = raw_packet(header + rest);
    packet.link_type = link_type;
    return packet;
}

const std::string kHello = tcp_packet({.flags = "A", .payload = "hello"});
const std::string kWords = "127.0.0.1:50000 → 127.0.0.1:8004 hello";

std::string ipv6_packet(char protocol, const std::string& content, std::uint64_t length) {
    const std::string localhost = std::string(15, '\0') + '\1';
    return std::string("\x60\0\0\0", 4) + number_in_bytes(length, 2) + protocol + '\x40' +
           localhost + localhost + content;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the headers of each kind of link are taken off") {
    CHECK(words(of_link(101, "", kHello)) == kWords);
    CHECK(words(of_link(228, "", kHello)) == kWords);
    CHECK(words(of_link(0, std::string("\2\0\0\0", 4), kHello)) == kWords);
    CHECK(words(of_link(108, std::string("\0\0\0\2", 4), kHello)) == kWords);
    CHECK(words(of_link(1, std::string(12, '\0') + std::string("\x08\0", 2), kHello)) == kWords);
    CHECK(words(of_link(1, std::string(12, '\0') + std::string("\x81\0\0\5\x08\0", 6), kHello)) ==
          kWords);
    CHECK(words(of_link(113, std::string(14, '\0') + std::string("\x08\0", 2), kHello)) == kWords);
    CHECK(words(of_link(276, std::string("\x08\0", 2) + std::string(18, '\0'), kHello)) == kWords);
    CHECK(words(of_link(105, "", kHello)).find("unknown kind of link") != std::string::npos);
}

TEST_CASE("IPv6 with options in front of TCP is read") {
    const std::string tcp = kHello.substr(20);
    const std::string options = std::string("\x06\0", 2) + std::string(6, '\0');
    CHECK(words(raw_packet(ipv6_packet('\x06', tcp, tcp.size()))) ==
          "[::1]:50000 → [::1]:8004 hello");
    CHECK(words(raw_packet(ipv6_packet('\0', options + tcp, options.size() + tcp.size()))) ==
          "[::1]:50000 → [::1]:8004 hello");
    CHECK(words(raw_packet(ipv6_packet('\x2C', options + tcp, 8 + tcp.size()))) ==
          "a fragment of an IP packet");
}

TEST_CASE("a short packet that Ethernet has filled up ends where IP says") {
    CHECK(words(of_link(1, std::string(12, '\0') + std::string("\x08\0", 2),
                        kHello + std::string(6, '\0'))) == kWords);
}

TEST_CASE("bytes that the capture cut off are counted as missing") {
    const auto parsed = parse(raw_packet(kHello.substr(0, kHello.size() - 2)));
    REQUIRE(std::holds_alternative<wire::Segment>(parsed));
    CHECK(std::get<wire::Segment>(parsed).payload == "hel");
    CHECK(std::get<wire::Segment>(parsed).missing == 2);
}

TEST_CASE("a packet that is cut in its headers, or lies about their length, is none") {
    for (std::size_t size = 0; size < 40; ++size)
        CHECK(std::holds_alternative<std::string>(parse(raw_packet(kHello.substr(0, size)))));
    for (const auto& [at, byte] : {std::pair{0, '\x44'},
                                   {0, '\x4F'},
                                   {3, '\x05'},
                                   {32, '\x40'},
                                   {32, '\xF0'},
                                   {6, '\x20'},
                                   {7, '\x01'},
                                   {9, '\x01'}}) {
        std::string wrong = kHello;
        const auto place = static_cast<std::size_t>(at);
        wrong[place] = byte;
        const bool refused = std::holds_alternative<std::string>(parse(raw_packet(wrong)));
        CAPTURE(place);
        CHECK(refused);
    }
    std::string datagram = udp_packet(1, 2, "text");
    CHECK(words(raw_packet(datagram)) == "127.0.0.1:1 → 127.0.0.1:2 text");
    datagram[25] = '\x07';
    CHECK(words(raw_packet(datagram)) == "a UDP header with a wrong length");
}

TEST_SUITE_END();
