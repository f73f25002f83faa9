// The room: all that is said, framed once, in one log that every member reads at its own pace. It
// knows no sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "04_handshake/frame.hpp"
#include "common/byte_log.hpp"

namespace ws_chat {

using lab::Position;

/// The log of what is said: WebSocket frames, as a server sends them, one after the other. A
/// message exists here once, however many members it goes to. Of a message that is longer than one
/// write, each piece is a frame of its own, so that others' frames may come between two writes but
/// never between two bytes of a frame.
class Room {
 public:
    /// The most that one write takes, in bytes: unread() is at most so long, and so is a frame.
    static constexpr std::size_t kMaxWrite = 64 * 1024;

    /// Appends a message, text or binary. Source: RFC 6455, sections 5.2 and 5.4.
    void publish(bool text, std::string_view message) {
        auto opcode = text ? websocket::Opcode::text : websocket::Opcode::binary;
        do {
            const std::string_view piece = message.substr(0, kMaxPayload);
            message.remove_prefix(piece.size());
            frames_.append(websocket::encode({.fin = message.empty(),
                                              .opcode = opcode,
                                              .masking_key = {},
                                              .length = piece.size()}));
            frames_.append(piece);
            opcode = websocket::Opcode::continuation;
        } while (!message.empty());
    }

    /// The place after the last message: where a newcomer begins.
    [[nodiscard]] Position end() const { return frames_.end(); }

    /// The next whole frames from `position` on, at most kMaxWrite bytes; empty at the end.
    /// Good until the next publish() or forget().
    [[nodiscard]] std::string_view unread(Position position) const {
        const std::string_view rest = frames_.from(position);
        if (rest.size() <= kMaxWrite) return rest;
        std::size_t end = 0;
        for (std::size_t next = 0; next <= kMaxWrite; next += frame_size(rest.substr(next)))
            end = next;
        return rest.substr(0, end);
    }

    /// Forgets what lies before `position`, which every member has been sent.
    void forget(Position position) { frames_.forget(position); }

    /// How many bytes it keeps.
    [[nodiscard]] std::size_t size() const { return frames_.size(); }

 private:
    // A server's frame of up to 65535 bytes has a header of 4 at most.
    static constexpr std::size_t kMaxPayload = kMaxWrite - 4;

    // The length of the frame at the front of `frames`, header and payload.
    static std::size_t frame_size(std::string_view frames) {
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(frames[i]); };
        const std::size_t length = byte(1);
        return length < 126 ? 2 + length : 4 + (std::size_t{byte(2)} << 8 | byte(3));
    }

    lab::ByteLog frames_;
};

}  // namespace ws_chat
