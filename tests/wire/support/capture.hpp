// Capture files and packets, written byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/capture_file/packet.hpp"

namespace lab::test {

/// A number in `bytes` bytes, in network byte order or the other way round.
std::string number_in_bytes(std::uint64_t number, int bytes, bool big_endian = true);

/// How a capture file is written.
struct CaptureFormat {
    bool next_generation = false;  // pcapng
    bool big_endian = false;
    bool nanoseconds = false;  // else microseconds
    std::uint32_t link_type = 101;

    /// The beginning of a file.
    [[nodiscard]] std::string begin() const;
    /// A packet that was recorded at `nanoseconds` since 1970.
    [[nodiscard]] std::string packet(std::string_view bytes, std::uint64_t time = 0) const;
    /// A block of pcapng.
    [[nodiscard]] std::string block(std::uint32_t type, std::string_view body) const;
};

/// What a TCP segment says.
struct TestSegment {
    std::string_view flags;  // "SA": of S, A, F, R
    std::uint32_t sequence = 0;
    std::string payload = {};
    std::uint16_t from = 50000, to = 8004;
};

/// An IPv4 packet from 127.0.0.1 to 127.0.0.1 with that segment, without link and checksums.
std::string tcp_packet(const TestSegment& segment);
/// The same with a UDP datagram.
std::string udp_packet(std::uint16_t from, std::uint16_t to, std::string_view payload);
/// `content`, from TCP's or UDP's header on, behind an IPv4 header.
std::string ipv4_packet(std::uint8_t protocol, std::string_view content);

/// `bytes` as a packet of a RAW link, recorded at that time.
wire::Packet raw_packet(std::string bytes, std::int64_t nanoseconds = 0);

}  // namespace lab::test
