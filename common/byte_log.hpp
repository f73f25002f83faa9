// Bytes that many readers read, each at its own pace: 05_ws_chat, 06_sse and 07_longpoll keep all
// messages in such a log, so that each exists once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lab {

/// A place in a log: how many bytes were ever written before it. A reader keeps one, and so knows
/// which bytes it has not been sent yet.
using Position = std::uint64_t;

/// A log that grows at its end and forgets at its beginning.
class ByteLog {
 public:
    void append(std::string_view bytes) { bytes_ += bytes; }

    /// The place behind the last byte.
    [[nodiscard]] Position end() const { return begin_ + bytes_.size(); }

    /// All bytes from `position` on, which has not been forgotten. Good until the log changes.
    [[nodiscard]] std::string_view from(Position position) const {
        return std::string_view(bytes_).substr(static_cast<std::size_t>(position - begin_));
    }

    /// No reader needs the bytes before `position` any more.
    void forget(Position position) {
        forgotten_ = static_cast<std::size_t>(position - begin_);
        // Moving the rest to the front costs time: it waits until that is worth it.
        if (forgotten_ < bytes_.size() && forgotten_ < std::max(kWorthwhile, bytes_.size() / 2))
            return;
        bytes_.erase(0, forgotten_);
        begin_ = position;
        forgotten_ = 0;
        if (bytes_.empty() && bytes_.capacity() > 4 * kWorthwhile) bytes_.shrink_to_fit();
    }

    /// How many bytes it keeps.
    [[nodiscard]] std::size_t size() const { return bytes_.size() - forgotten_; }

 private:
    static constexpr std::size_t kWorthwhile = 256 * 1024;

    std::string bytes_;
    Position begin_ = 0;         // the position of the first of bytes_
    std::size_t forgotten_ = 0;  // bytes at the front that no reader needs any more
};

}  // namespace lab
