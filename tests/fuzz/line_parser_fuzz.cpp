// However a stream is cut into pieces, the same lines come out, and none is longer than it may be.
// The first byte of the input is the limit, the second the size of the pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/line_parser.hpp"

namespace {

std::string decode(std::string_view stream, std::size_t size, std::size_t max_line) {
    lab::LineParser parser(max_line);
    std::string lines;
    for (std::size_t at = 0; at < stream.size(); at += size) {
        std::string_view piece = stream.substr(at, size);
        while (!piece.empty()) {
            if (parser.parse(piece, lines) == lab::LineParser::Result::bad) return lines;
        }
    }
    parser.finish(lines);
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t max_line = data[0];
    const std::size_t piece = std::max<std::size_t>(1, data[1]);
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::string lines = decode(stream, stream.size(), max_line);
    if (lines != decode(stream, piece, max_line) || lines != decode(stream, 1, max_line))
        std::abort();
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = lines.find('\n', at);
        if (end == std::string::npos || end - at > max_line) std::abort();
        at = end + 1;
    }
    return 0;
}
