#include "common/terminal_text.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/name.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"

namespace lab {

std::string TerminalText::take(std::string_view bytes) {
    half_ += bytes;
    const std::string whole = half_.substr(0, whole_characters(half_));
    half_.erase(0, whole.size());
    std::string text;
    for (std::string_view rest = whole; !rest.empty();) {
        std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
        rest.remove_prefix(line.size());
        const std::size_t end = line.find(": ");
        if (line_begins_ && end != std::string_view::npos && is_name(line.substr(0, end))) {
            text += isolated(line.substr(0, end));
            line.remove_prefix(end);
        }
        text += without_controls(line);
        line_begins_ = line.ends_with('\n');
    }
    return text;
}

std::string TerminalText::finish() {
    return without_controls(std::exchange(half_, {}));
}

}  // namespace lab
