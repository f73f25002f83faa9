#include "wire/report/words.hpp"

#include "common/visible.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

double milliseconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

std::string word_of(Mark mark) {
    switch (mark) {
        case Mark::again:
            return "again";
        case Mark::unanswered:
        case Mark::gap:
            return "lost";
        case Mark::bad:
            return "bad";
        case Mark::none:
            break;
    }
    return "";
}

std::string shown(std::string_view bytes, std::size_t limit) {
    std::string text = lab::one_line(beginning(bytes, limit));
    return bytes.size() > limit ? text + "…" : text;
}

std::string in_quotes(std::string_view text, std::size_t limit) {
    return text.empty() ? "" : lab::visible(text, limit);
}

std::string seconds(std::chrono::nanoseconds duration) {
    return format("%.6f", milliseconds(duration) / 1000);
}

std::string rounded(std::chrono::nanoseconds duration) {
    const double time = milliseconds(duration);
    if (time < 10) return format("%.2f ms", time);
    if (time < 1000) return format("%.0f ms", time);
    return format("%.2f s", time / 1000);
}

std::string line_of(const Message& message, const Style& style, std::size_t text_limit) {
    std::string line = shown(message.title);
    const bool sized = message.kind != "TCP" && message.kind != "line" &&
                       message.kind != "datagram" && message.kind != "bytes" &&
                       message.kind != "TLS";
    if (sized) line += "  " + count_of(message.size, "byte");
    if (!message.text.empty()) line += "  " + in_quotes(message.text, text_limit);
    if (message.pieces > 1) line += "  in " + std::to_string(message.pieces) + " segments";
    if (style.times && message.after) line += "  after " + rounded(*message.after);
    if (message.mark == Mark::bad) line += "  BAD: " + shown(message.note);
    if (message.mark != Mark::bad && message.mark != Mark::none)
        line += message.note.empty() ? "" : "  (" + shown(message.note) + ")";
    if (message.mark == Mark::none && message.kind != "TCP" && !message.note.empty() &&
        message.note != "an echo")
        line += "  (" + shown(message.note) + ")";
    return line;
}

}  // namespace wire
