// Unit tests of the parser of the bodies of HTTP messages.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/body.hpp"
#include "common/visible.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using http::BodyParser;
using http::Framing;
using lab::test::expect_bytes;
using lab::test::Place;
using namespace std::string_literals;
using Kind = Framing::Kind;

namespace {

constexpr std::size_t kEnough = 1 << 20;
constexpr Framing kChunked{Kind::chunked, 0};

// The result of `pieces`: the content, and after a bar the bytes that are left behind it; or why it
// is refused.
std::string decode(const std::vector<std::string_view>& pieces, Framing framing,
                   std::size_t limit) {
    BodyParser parser(framing, limit);
    auto result = BodyParser::Result::need_more;
    std::string content, rest;
    for (std::string_view piece : pieces) {
        if (result == BodyParser::Result::need_more) result = parser.parse(piece, content);
        if (content.size() > limit) return "more was kept than may be";
        if (result == BodyParser::Result::bad)
            return std::to_string(parser.error().status) + " " + parser.error().text;
        if (result == BodyParser::Result::need_more && !piece.empty()) return "not all was taken";
        rest += piece;
    }
    if (result == BodyParser::Result::need_more) return "need more after " + content;
    return content + "|" + rest;
}

void expect_decoded(std::string_view stream, std::string_view expected, Framing framing = kChunked,
                    std::size_t limit = kEnough, Place place = Place::here()) {
    for (const auto& pieces : lab::test::all_cuts(stream)) {
        expect_bytes(
            expected, decode(pieces, framing, limit),
            "of " + lab::visible(stream) + " in " + std::to_string(pieces.size()) + " pieces",
            place);
    }
}

// How many bytes the parser takes, one by one, until it refuses: 0 if it never does.
std::size_t refused_at(std::string_view stream) {
    BodyParser parser(kChunked, kEnough);
    std::string content;
    for (std::size_t at = 0; at < stream.size(); ++at) {
        std::string_view byte = stream.substr(at, 1);
        if (parser.parse(byte, content) == BodyParser::Result::bad) return at + 1;
    }
    return 0;
}

const std::string kNoSize = "400 the size of a chunk is not a hexadecimal number";
const std::string kNoExtension = "400 what follows the size of a chunk is not ;name=value";
const std::string kNoCrlf = "400 a line between the chunks ends without CRLF";
const std::string kControl = "400 a line between the chunks holds a control character";
const std::string kLongLine = "400 a line between the chunks is too long";
const std::string kLongChunk = "400 a chunk is longer than it said";
const std::string kLongBody = "413 the body is longer than it may be";

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a body of a known length ends after it however it is cut") {
    expect_decoded("GET", "|GET", {Kind::length, 0});
    expect_decoded("hello", "hello|", {Kind::length, 5});
    expect_decoded("helloGET / HTTP/1.1\r\n", "hello|GET / HTTP/1.1\r\n", {Kind::length, 5});
    expect_decoded("0\r\n\r\n\0"s, "0\r\n\r\n|\0"s, {Kind::length, 5});
    expect_decoded("hell", "need more after hell", {Kind::length, 5});
    expect_decoded("", "need more after ", {Kind::length, 1});
}

TEST_CASE("a body without an end takes all that comes") {
    const Framing framing{Kind::until_end, 0};
    expect_decoded("", "need more after ", framing);
    expect_decoded("HTTP/1.1 200\r\n\r\n\0"s, "need more after HTTP/1.1 200\r\n\r\n\0"s, framing);
    CHECK(BodyParser(framing, 0).may_end_here());
    CHECK_FALSE(BodyParser({Kind::length, 0}, 0).may_end_here());
    CHECK_FALSE(BodyParser(kChunked, 0).may_end_here());
}

TEST_CASE("chunks are put together however they are cut") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"0\r\n\r\n", "|"},
        {"5\r\nhello\r\n0\r\n\r\n", "hello|"},
        {"5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\n\r\n", "hello, world|"},
        {"a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a|"},
        {"1F\r\n" + std::string(31, 'x') + "\r\n00\r\n\r\n", std::string(31, 'x') + "|"},
        {"0005\r\nhello\r\n0000000000000000000\r\n\r\n", "hello|"},
        // The content may look like a chunk, and hold any byte.
        {"9\r\n0\r\n\r\n5\r\n\0\r\n0\r\n\r\n"s, "0\r\n\r\n5\r\n\0|"s},
        // Extensions, which nobody uses.
        {"5;a\r\nhello\r\n0;a=\"b;c\";d=e\r\n\r\n", "hello|"},
        {"5 ;x=y\r\nhello\r\n0\t; \tx\t=\t\"y\" ;z\r\n\r\n", "hello|"},
        {"5;x=\"a\tb\xff\\\"\\\\;c\"\r\nhello\r\n0;x=\"\"\r\n\r\n", "hello|"},
        // The next bytes are the next message.
        {"1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "x|GET / HTTP/1.1\r\n"},
        {"0\r\n\r\n\r\n", "|\r\n"},
        {"", "need more after "},
        {"5", "need more after "},
        {"5\r\nhello", "need more after hello"},
        {"5\r\nhello\r\n", "need more after hello"},
        {"5\r\nhello\r\n0\r\n", "need more after hello"},
        {"5\r\nhello\r\n0\r\n\r", "need more after hello"},
    };
    for (const auto& [stream, content] : cases) expect_decoded(stream, content);
}

TEST_CASE("the fields of a trailer are passed over") {
    expect_decoded("1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\nrest", "x|rest");
    expect_decoded("0\r\nA:\tb\tc\r\nA:\r\n\r\n", "|");
    expect_decoded("0\r\nno field at all\r\n\r\n", "400 a header line has no colon");
    expect_decoded("0\r\nA : b\r\n\r\n",
                   "400 white space stands before the colon of a header line");
    expect_decoded("0\r\nA: b\r\n c\r\n\r\n",
                   "400 a header line begins with white space: obsolete line folding");
    expect_decoded("0\r\n: b\r\n\r\n", "400 the name of a header field is not a token");
    expect_decoded("0\r\nA[: b\r\n\r\n", "400 the name of a header field is not a token");
    expect_decoded("0\r\nA: b\r\n", "need more after ");
    expect_decoded("0\r\nA: b\n\r\n", kNoCrlf);
    expect_decoded("0\r\n\n", kNoCrlf);
    expect_decoded("0\r\nA: \x1b[2J\r\n", kControl);
    expect_decoded("0\r\nA\rb: c\r\n", kControl);
}

TEST_CASE("chunks that break a rule are refused however they are cut") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"\r\n", kNoSize},
        {";a\r\n", kNoSize},
        {"+5\r\nhello\r\n", kNoSize},
        {"-5\r\nhello\r\n", kNoSize},
        {"-0\r\n\r\n", kNoSize},
        {" 5\r\nhello\r\n", kNoSize},
        {"5 \r\nhello\r\n", kNoExtension},
        {"5;\r\nhello\r\n", kNoExtension},
        {"5;;a\r\nhello\r\n", kNoExtension},
        {"5;a;\r\nhello\r\n", kNoExtension},
        {"5;a \r\nhello\r\n", kNoExtension},
        {"5;=b\r\nhello\r\n", kNoExtension},
        {"5;a=\r\nhello\r\n", kNoExtension},
        {"5;a=b=c\r\nhello\r\n", kNoExtension},
        {"5;a b\r\nhello\r\n", kNoExtension},
        {"5 5\r\nhello\r\n", kNoExtension},
        {"5;bad[=x\r\nhello\r\n", kNoExtension},
        {"5;a=x]\r\nhello\r\n", kNoExtension},
        {"5;a=\"b\r\nhello\r\n", kNoExtension},
        {"5;a=\"b\\\"\r\nhello\r\n", kNoExtension},
        {"5;a=\"b\\\r\nhello\r\n", kNoExtension},
        {"5;a=\"b\"c\r\nhello\r\n", kNoExtension},
        {"5;a=b\"c\"\r\nhello\r\n", kNoExtension},
        {"5;\"a\"=b\r\nhello\r\n", kNoExtension},
        {"5;a=\xff\r\nhello\r\n", kNoExtension},
        {"0x5\r\nhello\r\n", kNoSize},
        {"5h\r\nhello\r\n", kNoSize},
        {"g\r\n", kNoSize},
        {"5,\r\nhello\r\n", kNoSize},
        {"\xD9\xA5\r\nhello\r\n", kNoSize},
        {"10000000000000000\r\n", kNoSize},  // 2^64
        {"10000000000000005\r\nhello\r\n", kNoSize},
        {"5\nhello\r\n", kNoCrlf},
        {"5\r\nhello\n0\r\n\r\n", kNoCrlf},
        {"5\r\nhello\r\n0\n\r\n", kNoCrlf},
        {"\n", kNoCrlf},
        {"5\r\r\nhello\r\n", kControl},
        {"\r5\r\nhello\r\n", kControl},
        {"5;a\rb\r\nhello\r\n", kControl},
        {"5\t\r\nhello\r\n", kNoExtension},
        {"5;a=\"\x01\"\r\nhello\r\n", kControl},
        {"5;\0\r\nhello\r\n"s, kControl},
        {"5;\x7f\r\nhello\r\n", kControl},
        {"5;\x1f\r\nhello\r\n", kControl},
        {"5\r\nhello\r\r\n", kControl},
        {"5\r\nhello!\r\n0\r\n\r\n", kLongChunk},
        {"5\r\nhello0\r\n\r\n", kLongChunk},
        {"5\r\nhello \r\n", kLongChunk},
    };
    for (const auto& [stream, refusal] : cases) expect_decoded(stream, refusal);
}

TEST_CASE("the line before a chunk has 256 bytes at most and the trailer 16 KiB") {
    const auto line = [](std::size_t size) { return "1;" + std::string(size - 4, 'x') + "\r\n"; };
    expect_decoded(line(256) + "y\r\n0\r\n\r\n", "y|");
    expect_decoded(line(257) + "y\r\n0\r\n\r\n", kLongLine);
    expect_decoded(std::string(255, '0') + "\r\n\r\n", kLongLine);
    CHECK(refused_at(std::string(1000, '0')) == 257);
    CHECK(refused_at("5\r\nhello" + std::string(1000, '\r')) == 8 + 257);
    // The trailer counts as a whole, its empty line too.
    std::string trailer = "0\r\n";
    while (trailer.size() < 16'000) trailer += "A: " + std::string(100, 'x') + "\r\n";
    trailer += "A:";
    const std::size_t left = 3 + 16'384 - trailer.size();
    const std::string longest = trailer + std::string(left - 4, 'x') + "\r\n\r\n";
    expect_decoded(longest + "rest", "|rest");
    expect_decoded(trailer + std::string(left - 3, 'x') + "\r\n\r\n", kLongLine);
    CHECK(refused_at("0\r\n" + std::string(20'000, 'x')) == 3 + 16'385);
}

TEST_CASE("a body may be as long as its limit and no longer") {
    expect_decoded("hello", "hello|", {Kind::length, 5}, 5);
    expect_decoded("hello!", kLongBody, {Kind::length, 6}, 5);
    expect_decoded("", kLongBody, {Kind::length, 6}, 5);  // it is told before the first byte
    expect_decoded("", kLongBody, {Kind::length, ~std::uint64_t{0}}, 5);
    expect_decoded("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello|", kChunked, 5);
    expect_decoded("6\r\n", kLongBody, kChunked, 5);
    expect_decoded("FFFFFFFFFFFFFFFF\r\n", kLongBody, kChunked, 5);
    expect_decoded("2\r\nhe\r\n4\r\n", kLongBody, kChunked, 5);
    expect_decoded("2\r\nhe\r\nFFFFFFFFFFFFFFFE\r\n", kLongBody, kChunked, 5);
    expect_decoded("0\r\n\r\n", "|", kChunked, 0);
    expect_decoded("hello", "need more after hello", {Kind::until_end, 0}, 5);
    expect_decoded("hello!", kLongBody, {Kind::until_end, 0}, 5);
}

TEST_SUITE_END();
