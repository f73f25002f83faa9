// Cuts a stream of bytes into lines, as 02_threaded_chat needs it. It knows no sockets: bytes go
// in, lines come out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab {

/// Finds lines in a stream that arrives in pieces of any size. A line ends with LF or CRLF and may
/// hold any other byte. Between two pieces it keeps the beginning of a line, never more than
/// `max_line` + 1 bytes.
class LineParser {
 public:
    enum class Result {
        line,       // one line was taken
        need_more,  // all of the input was taken, and the line in it has no end yet
        bad,        // error() says why: the stream cannot be read on
    };

    /// `max_line`: the most bytes that a line may have, without its line end.
    explicit LineParser(std::size_t max_line) : max_line_(max_line) {}

    /// Takes bytes from the front of `input` up to the end of the first line, and appends that
    /// line, always with LF as its end, to `lines`. Not to be called again after bad.
    Result parse(std::string_view& input, std::string& lines);

    /// At the end of the stream: appends the last line, which lacks its end, to `lines`, with LF.
    /// Does nothing if the stream ended with a line end.
    void finish(std::string& lines);

    /// After Result::bad.
    [[nodiscard]] std::string error() const {
        return "a line is too long: more than " + std::to_string(max_line_) + " bytes";
    }

 private:
    std::size_t max_line_;
    std::string begun_;  // the beginning of a line whose end has not come yet
};

}  // namespace lab
