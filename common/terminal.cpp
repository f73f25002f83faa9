#include "common/terminal.hpp"

#include <cerrno>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "common/check.hpp"
#include "common/log.hpp"
#include "common/milliseconds.hpp"
#include "common/name.hpp"
#include "common/output.hpp"
#include "common/poll_input.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"

namespace lab {

void Terminal::wait(std::span<pollfd> sockets, bool reads, Clock::time_point deadline) {
    // poll skips a negative number.
    std::vector<pollfd> all{{reads && !ended_ ? typed_.descriptor() : -1, POLLIN, 0},
                            output_reader()};
    all.insert(all.end(), sockets.begin(), sockets.end());
    const int count = poll_input(all, milliseconds_until(deadline));
    if (count < 0 && !try_again()) check("poll", count);
    for (std::size_t i = 0; i < sockets.size(); ++i)
        sockets[i].revents = count < 0 ? short{0} : all[i + 2].revents;
    if (count < 0) return;
    check_output_reader(all[1]);
    if (all[0].revents) read_input();
}

void Terminal::read_input() {
    try {
        typed_.read_some();
    } catch (const std::runtime_error& error) {
        complain(std::string(error.what()) + ": it and what follows is not sent");
        ended_ = true;
    }
    if (typed_.at_end()) ended_ = true;
}

std::optional<std::string> Terminal::next_line() {
    while (auto line = typed_.next()) {
        if (is_utf8(*line)) return line;
        complain("not UTF-8, and so no text: not sent: " + visible(*line));
    }
    return std::nullopt;
}

void Terminal::print(const std::string& text) const {
    std::cout << spoken(text, shows_) << '\n';
}

void Terminal::complain(const std::string& what) {
    complained_ = true;
    log(what);
}

}  // namespace lab
