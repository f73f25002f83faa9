// Step 04: the frames of WebSocket.
#pragma once

#include "04_handshake/message.hpp"
#include "wire/dissect/dissector.hpp"
#include "wire/dissect/gathered.hpp"

namespace wire {

/// Finds the frames in one direction of a connection whose handshake is over, with 04's own parser.
/// After a frame that breaks the rules, the rest is shown as it came.
class FrameFinder {
 public:
    /// The longest message that is put together; 04 takes messages of 16 MiB at most.
    static constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;

    explicit FrameFinder(Side sender);
    /// `gathered` has been told of the segment; it gets the bytes of each frame as they come.
    void take(std::string_view bytes, Gathered& gathered, const Sink& sink);
    void gap() { unreadable_ = true; }
    /// About how many bytes the parser keeps.
    [[nodiscard]] std::size_t held() const { return held_; }

 private:
    [[nodiscard]] Message explain(Gathered& gathered) const;
    [[nodiscard]] Message complain(Gathered& gathered) const;

    Side sender_;
    websocket::MessageParser parser_;
    bool unreadable_ = false;
    std::size_t held_ = 0;
};

}  // namespace wire
