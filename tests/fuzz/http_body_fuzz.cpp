// However a body is cut into pieces, the same content comes out of it, never more than its limit,
// or else the same refusal; in chunks of any size the same content comes out again. The first byte
// of the input is the framing, the second the length, the third the limit, the fourth where it is
// cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/body.hpp"
#include "tests/support/pieces.hpp"

using http::BodyParser;
using http::Framing;
using Result = BodyParser::Result;

namespace {

struct Outcome {
    Result result = Result::need_more;
    std::string content, rest, refusal;
    bool operator==(const Outcome&) const = default;
};

Outcome decode(const std::vector<std::string_view>& pieces, Framing framing, std::size_t limit) {
    BodyParser parser(framing, limit);
    Outcome outcome;
    for (std::string_view piece : pieces) {
        if (outcome.result == Result::need_more) {
            outcome.result = parser.parse(piece, outcome.content);
            if (outcome.content.size() > limit) std::abort();
            if (outcome.result == Result::need_more && !piece.empty()) std::abort();
        }
        outcome.rest += piece;
    }
    if (outcome.result != Result::bad) return outcome;
    const int status = parser.error().status;
    if (status != 400 && status != 413) std::abort();
    // The content before is of no use to anybody, and depends on the cuts.
    return {Result::bad, "", "", std::to_string(status) + parser.error().text};
}

std::string in_chunks(std::string_view content, std::size_t size) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string chunks;
    for (const std::string_view piece : lab::test::in_pieces(content, size)) {
        if (piece.empty()) continue;
        const std::size_t count = piece.size();
        chunks += {kDigits[count / 16 % 16], kDigits[count % 16], '\r', '\n'};
        chunks.append(piece).append("\r\n");
    }
    return chunks + "0\r\n\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const Framing framing{static_cast<Framing::Kind>(data[0] % 3), data[1]};
    const std::size_t limit = data[2];
    const std::string_view stream(reinterpret_cast<const char*>(data) + 4, size - 4);
    const Outcome whole = decode({stream}, framing, limit);
    if (decode(lab::test::cut(stream, data[3]), framing, limit) != whole ||
        decode(lab::test::in_pieces(stream, 1), framing, limit) != whole)
        std::abort();
    if (whole.result == Result::bad) return 0;
    const std::string chunks = in_chunks(whole.content, std::max<std::size_t>(data[3], 1));
    const Outcome again = decode({chunks + "rest"}, {Framing::Kind::chunked, 0}, limit);
    if (again != Outcome{Result::end, whole.content, "rest", ""}) std::abort();
    return 0;
}
