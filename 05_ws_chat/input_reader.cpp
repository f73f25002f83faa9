#include "05_ws_chat/input_reader.hpp"

#include <poll.h>
#include <strings.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "common/check.hpp"
#include "common/log.hpp"

namespace ws_chat {
namespace {

constexpr std::size_t kLongestLine = 1024 * 1024;
constexpr std::size_t kMostWaiting = 1024 * 1024;

bool is_exit(const std::string& line) {
    return strcasecmp(line.c_str(), "exit\n") == 0;
}

}  // namespace

InputReader::InputReader(std::function<void()> notify)
    : notify_(std::move(notify)),
      decoder_(kLongestLine),
      thread_([this](const std::stop_token& stop) { read_all(stop); }) {
}

InputReader::~InputReader() {
    thread_.request_stop();
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

void InputReader::read_all(const std::stop_token& stop) {
    bool more = true;
    while (more && !stop.stop_requested()) {
        bool full = false;
        {
            const std::lock_guard lock(mutex_);
            full = waiting_ >= kMostWaiting;
        }
        std::array<pollfd, 2> ready{
            {{wake_.reading_end(), POLLIN, 0}, {full ? -1 : STDIN_FILENO, POLLIN, 0}}};
        poll(ready.data(), ready.size(), -1);
        wake_.clear();
        if (ready[1].revents) more = read_some();
    }
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    notify_();
}

// Returns false at the end of the input, or at `exit`.
bool InputReader::read_some() {
    std::array<char, 16 * 1024> buffer;
    const ssize_t received = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (received < 0 && lab::try_again()) return true;
    std::string line;
    if (received <= 0) {
        decoder_.finish(line);
        if (!line.empty() && !is_exit(line)) keep(line);
        return false;
    }
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
    while (!bytes.empty()) {
        const auto result = decoder_.decode(bytes, line);
        if (result == lab::LineDecoder::Result::too_long) {
            lab::log("standard input: a line is longer than " + std::to_string(kLongestLine) +
                     " bytes: it and what follows is not sent");
            return false;
        }
        if (is_exit(line)) return false;
        if (result == lab::LineDecoder::Result::line) keep(line);
        line.clear();
    }
    return true;
}

void InputReader::keep(std::string line) {
    line.pop_back();
    {
        const std::lock_guard lock(mutex_);
        waiting_ += line.size();
        lines_.push_back(std::move(line));
    }
    notify_();
}

}  // namespace ws_chat
