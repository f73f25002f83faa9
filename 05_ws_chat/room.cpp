#include "05_ws_chat/room.hpp"

#include <cstdint>

#include "04_handshake/frame.hpp"

namespace ws_chat {
namespace {

using websocket::Opcode;

// A server's frame of up to 65535 bytes has a header of 4 at most.
constexpr std::size_t kMaxPayload = Room::kMaxWrite - 4;

// The length of the frame at the front of `frames`, header and payload.
std::size_t frame_size(std::string_view frames) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(frames[i]); };
    const std::size_t length = byte(1);
    return length < 126 ? 2 + length : 4 + (std::size_t{byte(2)} << 8 | byte(3));
}

}  // namespace

void Room::publish(bool text, std::string_view message) {
    Opcode opcode = text ? Opcode::text : Opcode::binary;
    do {
        const std::string_view piece = message.substr(0, kMaxPayload);
        message.remove_prefix(piece.size());
        frames_.append(websocket::encode(
            {.fin = message.empty(), .opcode = opcode, .masking_key = {}, .length = piece.size()}));
        frames_.append(piece);
        opcode = Opcode::continuation;
    } while (!message.empty());
}

std::string_view Room::unread(Position position) const {
    const std::string_view rest = frames_.from(position);
    if (rest.size() <= kMaxWrite) return rest;
    std::size_t end = 0;
    for (std::size_t next = 0; next <= kMaxWrite; next += frame_size(rest.substr(next))) end = next;
    return rest.substr(0, end);
}

}  // namespace ws_chat
