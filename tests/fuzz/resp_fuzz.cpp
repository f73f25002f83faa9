// However a stream is cut into pieces, the same replies come out, and none is longer than it may
// be. The first byte of the input is the limit, the second the size of the pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "common/resp.hpp"

namespace {

using lab::RespParser;
using lab::RespValue;

constexpr std::size_t kMaxDepth = 8;

struct Outcome {
    std::vector<RespValue> replies;
    bool bad = false;
};

Outcome parse(std::string_view stream, std::size_t size, std::size_t most) {
    RespParser parser({.bytes = most, .values = most, .depth = kMaxDepth});
    Outcome outcome;
    for (std::size_t at = 0; at < stream.size(); at += size) {
        std::string_view piece = stream.substr(at, size);
        while (!piece.empty() && !outcome.bad) {
            const auto result = parser.parse(piece);
            if (result == RespParser::Result::value) outcome.replies.push_back(parser.value());
            outcome.bad = result == RespParser::Result::bad;
        }
    }
    return outcome;
}

// The bytes of text in `value`.
std::size_t check(const RespValue& value, std::size_t depth) {
    if (depth > kMaxDepth) std::abort();
    std::size_t size = value.text.size();
    for (const RespValue& item : value.items) size += check(item, depth + 1);
    return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t most = data[0];
    const std::size_t piece = std::max<std::size_t>(1, data[1]);
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Outcome whole = parse(stream, stream.size(), most);
    for (const std::size_t cut : {piece, std::size_t{1}}) {
        const Outcome other = parse(stream, cut, most);
        if (other.bad != whole.bad || other.replies != whole.replies) std::abort();
    }
    for (const RespValue& reply : whole.replies)
        if (check(reply, 0) > most) std::abort();
    return 0;
}
