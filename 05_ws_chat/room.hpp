// The room: all that is said, framed once, in one log that every member reads at its own pace. It
// knows no sockets.
#pragma once

#include <cstddef>
#include <string_view>

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
    void publish(bool text, std::string_view message);

    /// The place after the last message: where a newcomer begins.
    [[nodiscard]] Position end() const { return frames_.end(); }

    /// The next whole frames from `position` on, at most kMaxWrite bytes; empty at the end.
    /// Good until the next publish() or forget().
    [[nodiscard]] std::string_view unread(Position position) const;

    /// Forgets what lies before `position`, which every member has been sent.
    void forget(Position position) { frames_.forget(position); }

    /// How many bytes it keeps.
    [[nodiscard]] std::size_t size() const { return frames_.size(); }

 private:
    lab::ByteLog frames_;
};

}  // namespace ws_chat
