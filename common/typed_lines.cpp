#include "common/typed_lines.hpp"

#include <strings.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "common/check.hpp"

namespace lab {

bool says_exit(const std::string& line) {
    // The size too: strcasecmp stops at a NUL, and what follows one would be lost.
    return line.size() == 4 && strcasecmp(line.c_str(), "exit") == 0;
}

int TypedLines::descriptor() const {
    return ended_ || !lines_.empty() ? -1 : descriptor_;
}

void TypedLines::read_some() {
    std::array<char, 16 * 1024> buffer;
    const ssize_t received = read(descriptor_, buffer.data(), buffer.size());
    if (received < 0 && try_again()) return;
    check("read", received);
    std::string line;
    if (received == 0) {
        parser_.finish(line);
        if (!line.empty()) keep(std::move(line));
        ended_ = true;
        return;
    }
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
    while (!ended_ && !bytes.empty()) {
        const auto result = parser_.parse(bytes, line);
        if (result == LineParser::Result::bad)
            throw std::runtime_error("standard input: " + parser_.error());
        if (result == LineParser::Result::line) keep(std::move(line));
        line.clear();
    }
}

void TypedLines::keep(std::string line) {
    line.pop_back();
    if (says_exit(line)) {
        ended_ = true;
    } else {
        lines_.push_back(std::move(line));
    }
}

std::optional<std::string> TypedLines::next() {
    if (lines_.empty()) return std::nullopt;
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    return line;
}

}  // namespace lab
