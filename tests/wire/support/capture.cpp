#include "tests/wire/support/capture.hpp"

#include <utility>

namespace lab::test {

std::string number_in_bytes(std::uint64_t number, int bytes, bool big_endian) {
    std::string text;
    for (int i = 0; i < bytes; ++i) {
        const int shift = 8 * (big_endian ? bytes - 1 - i : i);
        text += static_cast<char>(number >> shift & 0xFF);
    }
    return text;
}

std::string CaptureFormat::block(std::uint32_t type, std::string_view body) const {
    const auto u32 = [&](std::uint64_t number) { return number_in_bytes(number, 4, big_endian); };
    std::string padded(body);
    padded.resize((padded.size() + 3) / 4 * 4);
    const std::string length = u32(padded.size() + 12);
    return u32(type) + length + padded + length;
}

std::string CaptureFormat::begin() const {
    const auto u32 = [&](std::uint64_t number) { return number_in_bytes(number, 4, big_endian); };
    const auto u16 = [&](std::uint64_t number) { return number_in_bytes(number, 2, big_endian); };
    if (!next_generation) {
        return u32(nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4) + u16(2) + u16(4) + u32(0) + u32(0) +
               u32(262144) + u32(link_type);
    }
    std::string options;
    if (nanoseconds) options = u16(9) + u16(1) + std::string("\x09\0\0\0", 4) + u16(0) + u16(0);
    return block(0x0A0D0D0A, u32(0x1A2B3C4D) + u16(1) + u16(0) + std::string(8, '\xFF')) +
           block(1, u16(link_type) + u16(0) + u32(0) + options);
}

std::string CaptureFormat::packet(std::string_view bytes, std::uint64_t time) const {
    const auto u32 = [&](std::uint64_t number) { return number_in_bytes(number, 4, big_endian); };
    const std::uint64_t unit = nanoseconds ? 1 : 1000;
    const std::string sizes = u32(bytes.size()) + u32(bytes.size());
    if (!next_generation) {
        return u32(time / 1'000'000'000) + u32(time % 1'000'000'000 / unit) + sizes +
               std::string(bytes);
    }
    const std::uint64_t units = time / unit;
    return block(6,
                 u32(0) + u32(units >> 32) + u32(units & 0xFFFFFFFF) + sizes + std::string(bytes));
}

std::string ipv4_packet(std::uint8_t protocol, std::string_view content) {
    const std::string localhost("\x7F\0\0\1", 4);
    return std::string("\x45\0", 2) + number_in_bytes(20 + content.size(), 2) +
           std::string("\0\0\x40\0\x40", 5) + static_cast<char>(protocol) + std::string(2, '\0') +
           localhost + localhost + std::string(content);
}

std::string tcp_packet(const TestSegment& segment) {
    int flags = 0;
    for (const auto& [letter, bit] : {std::pair{'F', 1}, {'S', 2}, {'R', 4}, {'A', 16}})
        if (segment.flags.find(letter) != std::string_view::npos) flags |= bit;
    return ipv4_packet(6, number_in_bytes(segment.from, 2) + number_in_bytes(segment.to, 2) +
                              number_in_bytes(segment.sequence, 4) + number_in_bytes(0, 4) +
                              '\x50' + static_cast<char>(flags) + std::string(6, '\0') +
                              segment.payload);
}

std::string udp_packet(std::uint16_t from, std::uint16_t to, std::string_view payload) {
    return ipv4_packet(17, number_in_bytes(from, 2) + number_in_bytes(to, 2) +
                               number_in_bytes(8 + payload.size(), 2) + std::string(2, '\0') +
                               std::string(payload));
}

wire::Packet raw_packet(std::string bytes, std::int64_t nanoseconds) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    return {wire::Time(std::chrono::nanoseconds(nanoseconds)), 101, std::move(bytes), length};
}

}  // namespace lab::test
