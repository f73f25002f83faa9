// Unit tests of what common/ has for whoever reads streams and waits: lines, and wake-ups.
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/select.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/line_parser.hpp"
#include "common/poll_input.hpp"
#include "common/visible.hpp"
#include "common/wake_pipe.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using namespace std::string_literals;
using Result = lab::LineParser::Result;

namespace {

// Feeds `stream` in pieces of `size` bytes. Returns all lines, and "!" at the end if one was too
// long.
std::string decode(const std::string& stream, std::size_t size, std::size_t max_line) {
    lab::LineParser parser(max_line);
    std::string lines;
    for (std::size_t at = 0; at < stream.size(); at += size) {
        std::string_view piece = std::string_view(stream).substr(at, size);
        while (!piece.empty())
            if (parser.parse(piece, lines) == Result::bad) return lines + "!";
    }
    parser.finish(lines);
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
    lab::LineParser parser(10);
    std::string lines;
    std::string_view endless = "12345678901";
    CHECK(parser.parse(endless, lines) == Result::bad);
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

TEST_CASE("a wait for the terminal and sockets tells which of them is ready") {
    std::array<int, 2> quiet{};
    std::array<int, 2> full{};
    REQUIRE(pipe(quiet.data()) == 0);
    REQUIRE(pipe(full.data()) == 0);
    REQUIRE(write(full[1], "x", 1) == 1);
    std::array<pollfd, 4> entries{{{quiet[0], POLLIN, POLLIN},
                                   {full[0], POLLIN, 0},
                                   {quiet[1], POLLIN | POLLOUT, 0},
                                   {-1, POLLIN, POLLIN}}};
    CHECK(lab::poll_by_select(entries, -1) == 2);
    CHECK(entries[0].revents == 0);
    CHECK(entries[1].revents == POLLIN);
    CHECK(entries[2].revents == POLLOUT);
    CHECK(entries[3].revents == 0);
    close(quiet[1]);
    entries[2].fd = -1;
    CHECK(lab::poll_by_select(entries, -1) == 2);
    CHECK(entries[0].revents == POLLIN);  // the end of a stream
    entries = {{{-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}}};
    CHECK(lab::poll_by_select(entries, 10) == 0);
    entries[0] = {FD_SETSIZE, POLLIN, 0};
    CHECK(lab::poll_by_select(entries, -1) == -1);
    CHECK(errno == EINVAL);
    for (const int end : {quiet[0], full[0], full[1]}) close(end);
}

TEST_SUITE_END();
