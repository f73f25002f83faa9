// What the user types: lines of standard input, read when poll(2) says so. 02_threaded_chat shows
// it in the open.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "common/line_parser.hpp"

namespace lab {

/// Whether `line`, without its end, is the word `exit`, in any case, and nothing else.
bool says_exit(const std::string& line);

/// The lines of a terminal, a pipe or a file, until `exit`, in any case, or its end.
class TypedLines {
 public:
    /// Reads from `descriptor`, which stays the caller's. `max_line`: the most bytes that a line
    /// may have.
    explicit TypedLines(int descriptor, std::size_t max_line = 1024 * 1024)
        : descriptor_(descriptor), parser_(max_line) {}

    /// The descriptor to poll for POLLIN; negative if it has ended, or while lines wait to be
    /// taken.
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
    LineParser parser_;
    std::deque<std::string> lines_;
    bool ended_ = false;
};

}  // namespace lab
