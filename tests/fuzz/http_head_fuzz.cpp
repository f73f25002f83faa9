// However a head is cut into pieces, it is parsed, or refused, alike; what was parsed keeps to its
// limits, and written down again it is parsed to the same. The first byte of the input is the kind,
// the second the limit of the target, the third that of the head, the fourth where it is cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/head.hpp"
#include "tests/support/pieces.hpp"

using http::HeadParser;

namespace {

std::string written(const http::Head& head, HeadParser::Kind kind) {
    const std::string version = "HTTP/1." + std::to_string(head.minor_version);
    std::string text = kind == HeadParser::Kind::request
                           ? head.method + " " + head.target + " " + version
                           : version + " " + std::to_string(head.status) + " " + head.reason;
    text += "\r\n";
    for (const http::Field& field : head.fields) text += field.name + ": " + field.value + "\r\n";
    return text + "\r\n";
}

// The head as it is written, or the status of the refusal; then what is left of the stream.
std::string parse(const std::vector<std::string_view>& pieces, HeadParser::Kind kind,
                  HeadParser::Limits limits) {
    HeadParser parser(kind, limits);
    auto result = HeadParser::Result::need_more;
    std::string rest;
    std::size_t taken = 0;
    for (std::string_view piece : pieces) {
        const std::size_t size = piece.size();
        if (result == HeadParser::Result::need_more) result = parser.parse(piece);
        if (result == HeadParser::Result::bad) return std::to_string(parser.error().status);
        taken += size - piece.size();
        rest += piece;
    }
    if (taken > limits.head) std::abort();
    if (result == HeadParser::Result::need_more) return rest.empty() ? "more" : "left";
    if (parser.head().target.size() > limits.target) std::abort();
    return written(parser.head(), kind) + rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const auto kind = data[0] % 2 == 0 ? HeadParser::Kind::request : HeadParser::Kind::response;
    const HeadParser::Limits limits{.target = data[1], .head = std::size_t{data[2]} * 4};
    const std::string_view stream(reinterpret_cast<const char*>(data) + 4, size - 4);
    const std::string whole = parse({stream}, kind, limits);
    if (whole != parse(lab::test::cut(stream, data[3]), kind, limits) ||
        whole != parse(lab::test::in_pieces(stream, 1), kind, limits))
        std::abort();
    // The limits aside: written down with CRLF and spaces it may be longer.
    const bool parsed = whole.size() > 4;
    if (parsed && parse({whole}, kind, {}) != whole) std::abort();
    return 0;
}
