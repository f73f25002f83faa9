// What the user types: lines of standard input, read when poll(2) says so.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "common/line_decoder.hpp"

namespace longpoll {

/// The lines of a terminal, a pipe or a file, until `exit` or its end. One thread.
class TypedLines {
 public:
    /// Reads from `descriptor`, which stays the caller's.
    explicit TypedLines(int descriptor);

    /// The descriptor to poll for POLLIN; negative if it has ended, or if lines wait to be taken.
    [[nodiscard]] int descriptor() const;
    /// Reads once. Throws std::system_error if that fails, std::runtime_error if a line is too
    /// long.
    void read_some();
    /// The next line, without its end, if there is one.
    std::optional<std::string> next();
    [[nodiscard]] bool has_line() const { return !lines_.empty(); }
    /// Whether the input has ended; there may be lines left to take.
    [[nodiscard]] bool at_end() const { return ended_; }

 private:
    void keep(std::string line);

    const int descriptor_;
    lab::LineDecoder decoder_;
    std::deque<std::string> lines_;
    bool ended_ = false;
};

}  // namespace longpoll
