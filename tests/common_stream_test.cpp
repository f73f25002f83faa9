// Unit tests of what common/ has for whoever reads streams and waits: lines, and wake-ups.
#include <doctest/doctest.h>
#include <poll.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/line_decoder.hpp"
#include "common/visible.hpp"
#include "common/wake_pipe.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using namespace std::string_literals;
using Result = lab::LineDecoder::Result;

namespace {

// Feeds `stream` in pieces of `size` bytes. Returns all lines, and "!" at the end if one was too
// long.
std::string decode(const std::string& stream, std::size_t size, std::size_t max_line) {
    lab::LineDecoder decoder(max_line);
    std::string lines;
    for (std::size_t at = 0; at < stream.size(); at += size) {
        std::string_view piece = std::string_view(stream).substr(at, size);
        while (!piece.empty())
            if (decoder.decode(piece, lines) == Result::too_long) return lines + "!";
    }
    decoder.finish(lines);
    return lines;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("lines are found however the stream is cut") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", ""},
        {"one\n", "one\n"},
        {"one\ntwo\n", "one\ntwo\n"},
        {"\n\n", "\n\n"},
        {"no end", "no end\n"},
        {"one\r\ntwo\r\n", "one\ntwo\n"},
        {"a\rb\n", "a\rb\n"},
        {"\r\n", "\n"},
        {"\r\r\n", "\r\n"},
        {"half\r", "half\n"},
        {"zero \0\n"s, "zero \0\n"s},
        {"\xff\xd0\n", "\xff\xd0\n"},
        {"1234567890\n", "1234567890\n"},
        {"1234567890\r\n", "1234567890\n"},
        {"1234567890", "1234567890\n"},
        {"12345678901\n", "!"},
        {"12345678901", "!"},
        {"1234567890\r1\n", "!"},
        {"ok\n12345678901\nnever\n", "ok\n!"},
    };
    for (const auto& [stream, lines] : cases) {
        for (const std::size_t size : {stream.size() + 1, stream.size() / 2 + 1, std::size_t{1}}) {
            expect_bytes(lines, decode(stream, size, 10),
                         "of " + lab::visible(stream) + " in pieces of " + std::to_string(size));
        }
    }
}

TEST_CASE("a line decoder keeps no more than it may") {
    lab::LineDecoder decoder(10);
    std::string lines;
    std::string_view endless = "12345678901";
    CHECK(decoder.decode(endless, lines) == Result::too_long);
    CHECK(lines.empty());
}

TEST_CASE("a wake-up before the poll is not missed and is seen once") {
    const lab::WakePipe pipe;
    pollfd ready{pipe.reading_end(), POLLIN, 0};
    for (int i = 0; i < 100'000; ++i) pipe.wake();  // more than a pipe holds: must not wait
    CHECK(poll(&ready, 1, 0) == 1);
    pipe.clear();
    CHECK(poll(&ready, 1, 0) == 0);
}

TEST_SUITE_END();
