// A stream cut into pieces, as a network may deliver it: for tests and fuzzers of decoders.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lab::test {

/// `stream` in pieces of `size` bytes, the last one shorter: one piece, an empty one, if `stream`
/// is empty.
inline std::vector<std::string_view> in_pieces(std::string_view stream, std::size_t size) {
    std::vector<std::string_view> pieces{stream.substr(0, size)};
    for (std::size_t at = size; at < stream.size(); at += size)
        pieces.push_back(stream.substr(at, size));
    return pieces;
}

/// `stream` in two pieces, cut at `at` or at its end.
inline std::vector<std::string_view> cut(std::string_view stream, std::size_t at) {
    const std::string_view first = stream.substr(0, at);
    return {first, stream.substr(first.size())};
}

/// `stream` whole, halved, and byte by byte: what comes out must be the same each time.
inline std::vector<std::vector<std::string_view>> all_cuts(std::string_view stream) {
    return {{stream}, cut(stream, stream.size() / 2), in_pieces(stream, 1)};
}

}  // namespace lab::test
