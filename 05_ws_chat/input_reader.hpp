// Reads the terminal, or a pipe or a file, in a thread of its own: the library's loop waits for
// sockets only.
#pragma once

#include <poll.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "common/thread.hpp"
#include "common/typed_lines.hpp"
#include "common/wake_pipe.hpp"

namespace ws_chat {

/// The lines of standard input, as they come. Those that nobody has taken yet wait here, up to a
/// bound; then reading waits.
class InputReader {
 public:
    /// Calls `notify`, in its thread, when there is something new: a line, or the end.
    explicit InputReader(std::function<void()> notify);
    /// Ends the thread, also in the middle of a wait.
    ~InputReader();
    InputReader(const InputReader&) = delete;
    InputReader& operator=(const InputReader&) = delete;

    /// Whether next() has a line. Any thread may call it.
    [[nodiscard]] bool has_line() const;
    /// The next line, without its end, if there is one. Any thread may call it.
    std::optional<std::string> next();
    /// Whether the input has ended, by `exit` or by itself, and every line was taken. Any thread.
    [[nodiscard]] bool ended() const;
    /// Whether a part of the input could not be read, which has been said then. Any thread.
    [[nodiscard]] bool failed() const;
    /// Throws std::system_error if nobody reads standard output any more: the thread has seen it
    /// while it waited for input. Any thread.
    void check_output() const;

 private:
    void read_all();
    bool read_some(lab::TypedLines& typed);
    void keep(std::string line);

    const std::function<void()> notify_;
    lab::WakePipe wake_;  // there is room again, or it is time to end
    std::atomic<bool> ending_ = false;

    mutable std::mutex mutex_;  // guards the next five
    std::deque<std::string> lines_;
    std::size_t waiting_ = 0;  // bytes in lines_
    bool ended_ = false;
    bool failed_ = false;
    pollfd output_{-1, 0, 0};  // what poll(2) said of standard output

    lab::Thread thread_;
};

}  // namespace ws_chat
