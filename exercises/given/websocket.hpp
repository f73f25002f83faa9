// The handshake and the frames of RFC 6455, as step 04 has built them. SHA-1 and Base64 are those
// of libwebsockets.
#pragma once
#include <libwebsockets.h>

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include "http.hpp"

enum Opcode { kContinuation, kText, kBinary, kClose = 8, kPing, kPong };  // RFC 6455, section 5.2
constexpr std::size_t kMaxPayloadBytes = 1 << 20;  // a longer message ends the connection

struct Frame {
    bool fin = false;
    int opcode = kContinuation;
    std::string payload;  // without its mask
};

inline std::string base64(std::string_view bytes) {
    char text[64];
    lws_b64_encode_string(bytes.data(), static_cast<int>(bytes.size()), text, sizeof text);
    return text;
}

// The value of Sec-WebSocket-Accept for a key (section 4.2.2).
inline std::string accept_value(const std::string& key) {
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[20];
    lws_SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    return base64({reinterpret_cast<const char*>(digest), sizeof digest});
}

inline std::string random_bytes(std::size_t size) {
    static thread_local std::random_device device;
    std::string bytes;
    while (bytes.size() < size) bytes += static_cast<char>(device());
    return bytes;
}

// A number in network byte order.
inline std::string big_endian(std::uint64_t number, int size) {
    std::string bytes;
    for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i));
    return bytes;
}
inline std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

// The payload with its mask put on, or taken off: that is the same (section 5.3).
inline std::string masked(std::string payload, const std::string& key) {
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    return payload;
}

inline Frame read_frame(Stream& stream) {
    const std::string begin = stream.read(2);
    std::uint64_t size = begin[1] & 0x7F;
    if (size > 125) size = number_of(stream.read(size == 126 ? 2 : 8));
    if (size > kMaxPayloadBytes) throw std::runtime_error("the message is too long");
    const std::string key = begin[1] & 0x80 ? stream.read(4) : std::string(4, '\0');
    return {(begin[0] & 0x80) != 0, begin[0] & 0x0F, masked(stream.read(size), key)};
}

// The bytes of a frame that is a whole message. A client has a key for the mask, a server has none.
inline std::string frame(int opcode, const std::string& payload, const std::string& key) {
    const std::size_t size = payload.size();
    const unsigned mask_bit = key.empty() ? 0 : 0x80;
    std::string bytes{static_cast<char>(0x80 | opcode)};
    if (size > 0xFFFF)
        bytes += static_cast<char>(mask_bit | 127) + big_endian(size, 8);
    else if (size > 125)
        bytes += static_cast<char>(mask_bit | 126) + big_endian(size, 2);
    else
        bytes += static_cast<char>(mask_bit | size);
    return bytes + key + (key.empty() ? payload : masked(payload, key));
}

// Answers a request for the WebSocket with 101.
inline void accept_handshake(Stream& stream, Message request) {
    stream.send_all(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_value(request.fields["sec-websocket-key"]) + "\r\n\r\n");
}

// Asks for the WebSocket at this target, and checks that the response belongs to our key.
inline void shake_hands(Stream& stream, const Options& options, const std::string& target) {
    const std::string key = base64(random_bytes(16));
    stream.send_all("GET " + target + " HTTP/1.1\r\nHost: " + options.host + ":" + options.port +
                    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
                    "\r\nSec-WebSocket-Version: 13\r\n\r\n");
    Message response = read_head(stream);
    if (response.words[1] != "101")
        throw std::runtime_error("the server does not answer with 101: " + response.words[1]);
    if (response.fields["sec-websocket-accept"] != accept_value(key))
        throw std::runtime_error("Sec-WebSocket-Accept does not belong to our key");
}
