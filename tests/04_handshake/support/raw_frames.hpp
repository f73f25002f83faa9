// WebSocket frames for unit tests, right or wrong, made without the code that they test.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lab::test {

/// The bytes that `digits` stand for, two hexadecimal digits each: "81 05 48".
inline std::string from_hex(std::string_view digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string bytes;
    std::size_t count = 0;
    for (const char digit : digits) {
        if (digit == ' ') continue;
        const auto value = kDigits.find(digit);
        if (count++ % 2 == 0) {
            bytes += static_cast<char>(value << 4);
        } else {
            bytes.back() = static_cast<char>(static_cast<std::uint8_t>(bytes.back()) | value);
        }
    }
    return bytes;
}

/// The masking key of the examples in RFC 6455, section 5.7.
inline constexpr std::array<std::uint8_t, 4> kMaskingKey{0x37, 0xfa, 0x21, 0x3d};

/// A frame whose first byte (FIN, reserved bits, opcode) is `first`, with a length in its shortest
/// form; masked with kMaskingKey if `masked`.
inline std::string raw_frame(int first, std::string_view payload, bool masked) {
    std::string frame(1, static_cast<char>(first));
    const int extended = payload.size() > 0xFFFF ? 8 : payload.size() > 125 ? 2 : 0;
    const std::size_t length = extended == 8 ? 127 : extended == 2 ? 126 : payload.size();
    frame += static_cast<char>((masked ? 0x80U : 0U) | length);
    for (int shift = (extended - 1) * 8; shift >= 0; shift -= 8)
        frame += static_cast<char>(std::uint64_t{payload.size()} >> shift & 0xFF);
    if (masked) frame.append(kMaskingKey.begin(), kMaskingKey.end());
    for (std::size_t i = 0; i < payload.size(); ++i)
        frame += static_cast<char>(payload[i] ^ (masked ? kMaskingKey[i % 4] : 0));
    return frame;
}

/// The same from a client: masked; and from a server: not.
inline std::string from_client(int first, std::string_view payload) {
    return raw_frame(first, payload, true);
}
inline std::string from_server(int first, std::string_view payload) {
    return raw_frame(first, payload, false);
}

/// The payload of a close frame, whatever `code` and `reason` are.
inline std::string raw_close(int code, std::string_view reason = "") {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    payload += reason;
    return payload;
}

}  // namespace lab::test
