#include "05_ws_chat/input_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "common/log.hpp"
#include "common/output.hpp"
#include "common/poll_input.hpp"

namespace ws_chat {
namespace {

constexpr std::size_t kMaxWaiting = 1024 * 1024;

}  // namespace

InputReader::InputReader(std::function<void()> notify)
    : notify_(std::move(notify)), thread_([this] { read_all(); }) {
}

InputReader::~InputReader() {
    ending_ = true;
    wake_.wake();
}

bool InputReader::has_line() const {
    const std::lock_guard lock(mutex_);
    return !lines_.empty();
}

std::optional<std::string> InputReader::next() {
    const std::lock_guard lock(mutex_);
    if (lines_.empty()) return std::nullopt;
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    waiting_ -= line.size();
    wake_.wake();
    return line;
}

bool InputReader::ended() const {
    const std::lock_guard lock(mutex_);
    return ended_ && lines_.empty();
}

bool InputReader::failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
}

void InputReader::check_output() const {
    const std::lock_guard lock(mutex_);
    lab::check_output_reader(output_);
}

void InputReader::read_all() {
    lab::TypedLines typed(STDIN_FILENO);
    while (!typed.at_end() && !ending_) {
        bool full = false;
        {
            const std::lock_guard lock(mutex_);
            full = waiting_ >= kMaxWaiting;
        }
        std::array<pollfd, 3> ready{{{wake_.reading_end(), POLLIN, 0},
                                     {full ? -1 : typed.descriptor(), POLLIN, 0},
                                     lab::output_reader()}};
        lab::poll_input(ready, -1);
        wake_.clear();
        if (ready[2].revents) {
            const std::lock_guard lock(mutex_);
            output_ = ready[2];
            break;
        }
        if (ready[1].revents && !read_some(typed)) break;
    }
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    notify_();
}

// Returns false if the input cannot be read on.
bool InputReader::read_some(lab::TypedLines& typed) {
    std::string fault;
    try {
        typed.read_some();
    } catch (const std::runtime_error& error) {
        fault = error.what();
    }
    while (auto line = typed.next()) keep(std::move(*line));
    if (fault.empty()) return true;
    lab::log(fault + ": it and what follows is not sent");
    const std::lock_guard lock(mutex_);
    failed_ = true;
    return false;
}

void InputReader::keep(std::string line) {
    {
        const std::lock_guard lock(mutex_);
        waiting_ += line.size();
        lines_.push_back(std::move(line));
    }
    notify_();
}

}  // namespace ws_chat
