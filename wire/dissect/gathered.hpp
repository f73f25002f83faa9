// The bytes of a message while it comes.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>

#include "wire/dissect/message.hpp"

namespace wire {

/// Keeps the first bytes of the message that is coming, and counts all of them and the segments
/// they came in.
class Gathered {
 public:
    /// A segment begins, which came at `time`.
    void begin_segment(Time time) {
        time_ = time;
        fresh_ = true;
    }
    void add(std::string_view bytes) {
        if (bytes.empty()) return;
        if (size_ == 0) first_time_ = time_;
        if (std::exchange(fresh_, false) || pieces_ == 0) ++pieces_;
        size_ += bytes.size();
        kept_ += bytes.substr(0, std::min(bytes.size(), Message::kMaxKept - kept_.size()));
    }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] std::string_view kept() const { return kept_; }
    [[nodiscard]] Time time() const { return size_ == 0 ? time_ : first_time_; }

    /// The message, which has come whole; the next one begins.
    Message take(Side sender, std::string kind, std::string title) {
        Message message{.time = time(),
                        .sender = sender,
                        .kind = std::move(kind),
                        .title = std::move(title),
                        .size = std::exchange(size_, 0),
                        .bytes = std::exchange(kept_, {}),
                        .pieces = std::max<std::size_t>(1, std::exchange(pieces_, 0))};
        return message;
    }

 private:
    Time time_, first_time_;
    bool fresh_ = true;  // nothing of the segment has been added yet
    std::string kept_;
    std::uint64_t size_ = 0;
    std::size_t pieces_ = 0;
};

}  // namespace wire
