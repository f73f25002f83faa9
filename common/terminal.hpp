// The clients for a terminal have this in common: lines of text in, lines of text out, and the
// account of everything that was not done. 02_threaded_chat shows the waiting in the open.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "common/typed_lines.hpp"

namespace lab {

/// Standard input and standard output of a client.
class Terminal {
 public:
    using Clock = std::chrono::steady_clock;

    /// Waits until one of `sockets` is ready, or input has come, if `reads`, or `deadline` has
    /// passed; then reads the input that is there. Sets `revents` of each socket. Throws
    /// std::system_error if nobody reads standard output any more.
    void wait(std::span<pollfd> sockets, bool reads, Clock::time_point deadline);

    /// The next line of the input, without its end, if there is one. A line that is not UTF-8 is
    /// complained of instead.
    std::optional<std::string> next_line();
    /// Whether the input has ended: by `exit`, by itself, or because a line was too long. There may
    /// be lines left to take.
    [[nodiscard]] bool at_end() const { return ended_; }
    /// Whether it has, and every line was taken.
    [[nodiscard]] bool all_taken() const { return ended_ && !typed_.has_line(); }
    /// Whether a person types the input: what is only for people is not said to a script.
    [[nodiscard]] static bool is_typed() { return isatty(STDIN_FILENO) != 0; }

    /// Prints `text`, a message with its name, as one line: see spoken(). It stays in std::cout
    /// until flush_output().
    void print(const std::string& text) const;

    /// Logs `what`, one line: something was not done, or may not have been.
    void complain(const std::string& what);
    /// Whether all was done: nothing was complained of.
    [[nodiscard]] bool all_done() const { return !complained_; }

 private:
    void read_input();

    const bool shows_ = isatty(STDOUT_FILENO) != 0;
    TypedLines typed_{STDIN_FILENO};
    bool ended_ = false;
    bool complained_ = false;
};

}  // namespace lab
