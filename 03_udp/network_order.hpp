// Numbers as they stand in datagrams.
#pragma once

#include <cstdint>
#include <string>

namespace udp {

/// `number` as 4 bytes in network byte order, the highest first: the same on every machine. Source:
/// RFC 1700, "Data Notations"; what htonl(3) does.
inline std::string in_network_order(std::uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return bytes;
}

/// The number that the first 4 bytes of `bytes` hold; there must be so many. Source: what ntohl(3)
/// does.
inline std::uint32_t from_network_order(const char* bytes) {
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
    return number;
}

}  // namespace udp
