#include "05_ws_chat/room.hpp"

#include <algorithm>

#include "04_handshake/frame.hpp"

namespace ws_chat {
namespace {

using websocket::Opcode;

// A server's frame of up to 65535 bytes has a header of 4 at most.
constexpr std::size_t kMaxPayload = Room::kMaxWrite - 4;
// Moving what is left to the front costs time, so it waits until much is forgotten.
constexpr std::size_t kWorthwhile = 256 * 1024;

}  // namespace

void Room::publish(bool text, std::string_view message) {
    Opcode opcode = text ? Opcode::text : Opcode::binary;
    do {
        const std::string_view piece = message.substr(0, kMaxPayload);
        message.remove_prefix(piece.size());
        frames_ += websocket::encode(
            {.fin = message.empty(), .opcode = opcode, .masking_key = {}, .length = piece.size()});
        frames_ += piece;
        opcode = Opcode::continuation;
    } while (!message.empty());
}

std::string_view Room::unread(Position position) const {
    const auto begin = static_cast<std::size_t>(position - begin_);
    std::string_view rest = std::string_view(frames_).substr(begin);
    if (rest.size() <= kMaxWrite) return rest;
    std::size_t end = begin;
    for (std::size_t next = begin; next - begin <= kMaxWrite; next += frame_at(next)) end = next;
    return rest.substr(0, end - begin);
}

// The length of the frame that begins at `offset`, header and payload.
std::size_t Room::frame_at(std::size_t offset) const {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(frames_[offset + i]); };
    const std::size_t length = byte(1);
    return length < 126 ? 2 + length : 4 + (std::size_t{byte(2)} << 8 | byte(3));
}

void Room::forget(Position position) {
    forgotten_ = static_cast<std::size_t>(position - begin_);
    if (forgotten_ < frames_.size() && forgotten_ < std::max(kWorthwhile, frames_.size() / 2))
        return;
    frames_.erase(0, forgotten_);
    begin_ = position;
    forgotten_ = 0;
    if (frames_.empty() && frames_.capacity() > 4 * kWorthwhile) frames_.shrink_to_fit();
}

}  // namespace ws_chat
