#include "04_handshake/frame.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "common/check.hpp"

namespace websocket {
namespace {

constexpr std::size_t kMaxControlPayload = 125;
// In place of a length of 7 bits: it follows in 2, or in 8, bytes.
constexpr std::uint8_t kLengthIn2Bytes = 126;
constexpr std::uint8_t kLengthIn8Bytes = 127;

bool is_known(std::uint8_t opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

// Network byte order: the most significant byte first.
void append_number(std::string& out, std::uint64_t number, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>(number >> shift & 0xFF);
}

}  // namespace

MaskingKey new_masking_key() {
    MaskingKey key{};
    lab::check("getentropy", getentropy(key.data(), key.size()));
    return key;
}

FrameHeaderParser::Result FrameHeaderParser::parse(std::string_view& input) {
    while (!input.empty()) {
        if (count_ == size_) {
            count_ = 0;
            size_ = 2;
        }
        bytes_[count_++] = static_cast<std::uint8_t>(input[0]);
        input.remove_prefix(1);
        if (count_ == 1 && !check_first_byte()) return Result::bad;
        if (count_ == 2 && !check_second_byte()) return Result::bad;
        if (count_ < size_) continue;
        return take_length_and_key() ? Result::header : Result::bad;
    }
    return Result::need_more;
}

bool FrameHeaderParser::refuse(const std::string& text) {
    error_ = {1002, text};
    return false;
}

// FIN, three reserved bits, four bits of opcode.
bool FrameHeaderParser::check_first_byte() {
    const auto opcode = static_cast<std::uint8_t>(bytes_[0] & 0x0F);
    header_.fin = bytes_[0] & 0x80;
    header_.opcode = Opcode{opcode};
    if (bytes_[0] & 0x70) return refuse("a reserved bit is set, and no extension was agreed to");
    if (!is_known(opcode)) return refuse("opcode " + std::to_string(opcode) + " is reserved");
    if (is_control(header_.opcode) && !header_.fin) return refuse("a control frame is fragmented");
    return true;
}

// MASK, and seven bits of length, or what says where the length stands.
bool FrameHeaderParser::check_second_byte() {
    const bool masked = bytes_[1] & 0x80;
    const auto length = static_cast<std::uint8_t>(bytes_[1] & 0x7F);
    if (masked && peer_ == Role::server) return refuse("a frame from a server is masked");
    if (!masked && peer_ == Role::client) return refuse("a frame from a client is not masked");
    if (is_control(header_.opcode) && length > kMaxControlPayload)
        return refuse("a control frame is longer than 125 bytes");
    size_ += length == kLengthIn8Bytes ? 8 : length == kLengthIn2Bytes ? 2 : 0;
    size_ += masked ? 4 : 0;
    return true;
}

bool FrameHeaderParser::take_length_and_key() {
    const bool masked = bytes_[1] & 0x80;
    const auto length = static_cast<std::uint8_t>(bytes_[1] & 0x7F);
    const std::size_t extended = size_ - 2 - (masked ? 4 : 0);
    header_.length = length;
    if (extended > 0) {
        header_.length = 0;
        for (std::size_t i = 2; i < 2 + extended; ++i)
            header_.length = header_.length << 8 | bytes_[i];
        if (header_.length >> 63) return refuse("the top bit of a length is set");
        if (header_.length < (extended == 2 ? kLengthIn2Bytes : 0x10000U))
            return refuse("a length is not in its shortest form");
    }
    header_.masking_key.reset();
    if (masked) std::memcpy(header_.masking_key.emplace().data(), &bytes_[size_ - 4], 4);
    return true;
}

void mask(char* bytes, std::size_t size, const MaskingKey& key, std::uint64_t offset) {
    // Twice the key, turned to where the payload goes on: then eight bytes take one operation.
    std::array<std::uint8_t, 8> turned{};
    for (std::size_t i = 0; i < turned.size(); ++i)
        turned[i] = key[static_cast<std::size_t>(offset + i) % key.size()];
    std::uint64_t pattern = 0;
    std::memcpy(&pattern, turned.data(), sizeof pattern);
    std::size_t at = 0;
    for (std::uint64_t word = 0; at + sizeof word <= size; at += sizeof word) {
        std::memcpy(&word, bytes + at, sizeof word);
        word ^= pattern;
        std::memcpy(bytes + at, &word, sizeof word);
    }
    for (; at < size; ++at) bytes[at] = static_cast<char>(bytes[at] ^ turned[at % turned.size()]);
}

std::string encode(const FrameHeader& header) {
    const std::uint8_t masked = header.masking_key ? 0x80 : 0;
    std::string bytes;
    bytes += static_cast<char>((header.fin ? 0x80 : 0) | static_cast<int>(header.opcode));
    if (header.length < kLengthIn2Bytes) {
        bytes += static_cast<char>(masked | header.length);
    } else if (header.length <= 0xFFFF) {
        bytes += static_cast<char>(masked | kLengthIn2Bytes);
        append_number(bytes, header.length, 2);
    } else {
        bytes += static_cast<char>(masked | kLengthIn8Bytes);
        append_number(bytes, header.length, 8);
    }
    if (header.masking_key) bytes.append(header.masking_key->begin(), header.masking_key->end());
    return bytes;
}

void append_frame(std::string& out, Role sender, Opcode opcode, std::string_view payload) {
    FrameHeader header{.opcode = opcode, .masking_key = {}, .length = payload.size()};
    if (sender == Role::client) header.masking_key = new_masking_key();
    out += encode(header);
    const std::size_t begin = out.size();
    out += payload;
    if (header.masking_key) mask(out.data() + begin, payload.size(), *header.masking_key);
}

}  // namespace websocket
