#include "common/line_parser.hpp"

namespace lab {

LineParser::Result LineParser::parse(std::string_view& input, std::string& lines) {
    const std::size_t end = input.find('\n');
    const bool complete = end != std::string_view::npos;
    const std::string_view piece = input.substr(0, end);

    // A CR at the end may be the first half of CRLF: it does not count yet.
    const std::size_t length = begun_.size() + piece.size();
    const std::string_view tail = piece.empty() ? begun_ : piece;
    const bool carriage_return = tail.ends_with('\r');
    if (length - (carriage_return ? 1 : 0) > max_line_) return Result::bad;

    if (!complete) {
        begun_ += piece;
        input = {};
        return Result::need_more;
    }
    lines += begun_;
    lines += piece;
    if (carriage_return) lines.pop_back();
    lines += '\n';
    begun_.clear();
    input.remove_prefix(end + 1);
    return Result::line;
}

void LineParser::finish(std::string& lines) {
    if (begun_.empty()) return;
    std::string_view end = "\n";
    parse(end, lines);
}

}  // namespace lab
