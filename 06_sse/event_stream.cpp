#include "06_sse/event_stream.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "common/utf8.hpp"

namespace sse {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// `bytes` as text. The bytes of a character that is cut off become one U+FFFD, and so does a byte
// that begins none. Source: WHATWG Encoding, section 8.1.1.
std::string decode(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t size = std::max<std::size_t>(1, lab::utf8_beginning(bytes));
        const std::string_view character = bytes.substr(0, size);
        text += lab::is_utf8(character) ? character : kReplacement;
        bytes.remove_prefix(size);
    }
    return text;
}

}  // namespace

void write_event(std::string& lines, std::string_view id, std::string_view type,
                 std::string_view data) {
    const auto field = [&](std::string_view name, std::string_view value) {
        lines.append(name).append(": ").append(value).append("\n");
    };
    if (!id.empty()) field("id", id);
    if (!type.empty()) field("event", type);
    // lesson: lines
    for (bool more = true; more;) {
        const std::size_t end = data.find_first_of("\r\n");
        field("data", data.substr(0, end));
        more = end != std::string_view::npos;
        if (more) data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    // lesson end
    lines += '\n';
}

EventStreamParser::Result EventStreamParser::parse(std::string_view& input) {
    while (!input.empty()) {
        if (std::exchange(skip_newline_, false) && input[0] == '\n') {
            input.remove_prefix(1);
            continue;
        }
        const std::size_t end = input.find_first_of("\r\n");
        const std::string_view piece = input.substr(0, end);
        if (line_.size() + piece.size() > max_size_) return Result::bad;
        line_ += piece;
        if (end == std::string_view::npos) {
            input = {};
            return Result::need_more;
        }
        // The line ends here and now, although an LF may follow: it could be long in coming.
        skip_newline_ = input[end] == '\r';
        input.remove_prefix(end + 1);
        const Result result = end_line();
        if (result != Result::need_more) return result;
    }
    return Result::need_more;
}

EventStreamParser::Result EventStreamParser::end_line() {
    std::string line = std::exchange(line_, {});
    if (std::exchange(first_line_, false) && line.starts_with(kByteOrderMark))
        line.erase(0, kByteOrderMark.size());
    if (line.empty()) return end_event();
    if (!lab::is_utf8(line)) line = decode(line);
    // A line that begins with a colon has a field without a name: a comment.
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = std::string_view(line).substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    return take_field(std::string_view(line).substr(0, colon), value) ? Result::need_more
                                                                      : Result::bad;
}

bool EventStreamParser::take_field(std::string_view name, std::string_view value) {
    if (name == "data") {
        if (data_.size() + value.size() > max_size_) return false;
        data_.append(value).append("\n");
    } else if (name == "event") {
        type_ = value;
    } else if (name == "id") {
        // It goes back in a header field, where NUL cannot stand.
        if (value.find('\0') == std::string_view::npos) id_ = value;
    } else if (name == "retry") {
        take_retry(value);
    }
    return true;
}

void EventStreamParser::take_retry(std::string_view value) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (value.empty() || !std::ranges::all_of(value, is_digit)) return;
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    retry_ =
        error == std::errc() ? std::min(std::chrono::milliseconds(number), kMaxRetry) : kMaxRetry;
}

EventStreamParser::Result EventStreamParser::end_event() {
    last_event_id_ = id_;
    std::string type = std::exchange(type_, {});
    // Without data there is no event, but its id counts.
    if (data_.empty()) return Result::need_more;
    data_.pop_back();
    event_ = {type.empty() ? "message" : std::move(type), std::exchange(data_, {}), id_};
    return Result::event;
}

}  // namespace sse
