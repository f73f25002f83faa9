#include "common/pcapng.hpp"

namespace lab::pcapng {
namespace {

// Types of blocks, and codes of options.
constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kLocalUse = 0x80000000;
constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kApplication = 4;
constexpr std::uint16_t kLocalOption = 0x8000;

constexpr std::uint16_t kLinkTypeRaw = 101;

// Little-endian, which the byte-order magic tells.
void put(std::string& bytes, std::uint64_t value, int size) {
    for (int shift = 0; shift < 8 * size; shift += 8)
        bytes += static_cast<char>(value >> shift & 0xFF);
}

// Fills up to a multiple of four bytes.
void pad(std::string& bytes) {
    bytes.resize((bytes.size() + 3) / 4 * 4);
}

void put_option(std::string& body, std::uint16_t code, std::string_view value) {
    put(body, code, 2);
    put(body, value.size(), 2);
    body += value;
    pad(body);
}

// The block of `body`, which ends with options, if it has any. An option of its own fills it up.
std::string block(std::uint32_t type, std::string body) {
    constexpr std::size_t kFrame = 12;  // the type, and the length twice
    // Four more bytes are the end of the options.
    if (const std::size_t over = (kFrame + body.size() + 4) % kAlignment; over > 0) {
        constexpr std::size_t kOptionHeader = 4;
        put_option(body, kLocalOption, std::string(kAlignment - over - kOptionHeader, '\0'));
    }
    put(body, kEndOfOptions, 4);

    std::string bytes;
    put(bytes, type, 4);
    put(bytes, kFrame + body.size(), 4);
    bytes += body;
    put(bytes, kFrame + body.size(), 4);
    return bytes;
}

}  // namespace

std::string file_header(std::string_view program, std::string_view comment) {
    std::string section;
    put(section, 0x1A2B3C4D, 4);  // byte-order magic
    put(section, 1, 2);           // version 1.0
    put(section, 0, 2);
    put(section, ~std::uint64_t{0}, 8);  // the section's length: not given
    put_option(section, kComment, comment);
    put_option(section, kApplication, program);

    std::string interface;
    put(interface, kLinkTypeRaw, 2);
    put(interface, 0, 2);
    put(interface, 0, 4);  // packets of any length
    return block(kSectionHeader, section) + block(kInterface, interface);
}

std::string packet_block(std::chrono::microseconds time, Direction direction,
                         std::string_view packet) {
    const auto since_1970 = static_cast<std::uint64_t>(time.count());
    std::string body;
    put(body, 0, 4);  // of the first interface
    put(body, since_1970 >> 32, 4);
    put(body, since_1970 & 0xFFFFFFFF, 4);
    put(body, packet.size(), 4);  // captured
    put(body, packet.size(), 4);  // on the wire
    body += packet;
    pad(body);
    std::string flags;
    put(flags, static_cast<std::uint32_t>(direction), 4);
    put_option(body, kPacketFlags, flags);
    return block(kEnhancedPacket, body);
}

std::string filler(std::size_t size) {
    std::string bytes;
    put(bytes, kLocalUse, 4);
    put(bytes, size, 4);
    bytes.resize(size - 4);
    put(bytes, size, 4);
    return bytes;
}

}  // namespace lab::pcapng
