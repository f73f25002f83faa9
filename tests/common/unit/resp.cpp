// Unit tests of RESP 2, the protocol of Redis: Redis serialization protocol specification.
#include "common/resp.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/pieces.hpp"

using namespace lab;
using namespace std::string_literals;

namespace {

using Kind = RespValue::Kind;
using Result = RespParser::Result;
using Pieces = std::vector<std::string_view>;

constexpr RespParser::Limits kLimits{.bytes = 256, .values = 16, .depth = 3};

// A reply in brackets: +simple -error :integer "bulk" (array) null.
std::string shown(const RespValue& value) {
    switch (value.kind) {
        case Kind::simple:
            return "+" + value.text;
        case Kind::error:
            return "-" + value.text;
        case Kind::integer:
            return ":" + std::to_string(value.integer);
        case Kind::bulk:
            return "\"" + value.text + "\"";
        case Kind::null:
            return "null";
        case Kind::array:
            break;
    }
    std::string items;
    for (const RespValue& item : value.items) items += (items.empty() ? "" : " ") + shown(item);
    return "(" + items + ")";
}

// The replies that come out of a stream, one in a line, and why it is bad if it is.
std::string replies_in(const Pieces& pieces, RespParser::Limits limits) {
    RespParser parser(limits);
    std::string replies;
    for (std::string_view piece : pieces) {
        for (Result result = Result::value; result == Result::value;) {
            result = parser.parse(piece);
            if (result == Result::bad) return replies + "bad: " + parser.error() + "\n";
            if (result == Result::value) replies += shown(parser.value()) + "\n";
        }
        CHECK(piece.empty());
    }
    return replies;
}

// The same however the stream is cut.
void check_replies(std::string_view stream, std::string_view expected,
                   RespParser::Limits limits = kLimits) {
    for (const Pieces& pieces : lab::test::all_cuts(stream))
        CHECK_MESSAGE(replies_in(pieces, limits) == expected, stream);
    for (std::size_t at = 0; at <= stream.size(); ++at)
        CHECK_MESSAGE(replies_in(lab::test::cut(stream, at), limits) == expected, stream);
}

// The stream is bad, however it is cut, and the error contains `why`.
void check_bad(std::string_view stream, std::string_view why, RespParser::Limits limits = kLimits) {
    for (const Pieces& pieces : lab::test::all_cuts(stream)) {
        const std::string replies = replies_in(pieces, limits);
        CHECK_MESSAGE(replies.starts_with("bad: "), stream);
        CHECK_MESSAGE(replies.find(why) != std::string::npos, replies);
    }
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("RESP: each kind of reply comes out as it is, however the stream is cut") {
    check_replies("+OK\r\n", "+OK\n");
    check_replies("-WRONGPASS invalid\r\n", "-WRONGPASS invalid\n");
    check_replies(":0\r\n:-7\r\n:9223372036854775807\r\n", ":0\n:-7\n:9223372036854775807\n");
    check_replies("$5\r\nhello\r\n$0\r\n\r\n", "\"hello\"\n\"\"\n");
    check_replies("$-1\r\n*-1\r\n*0\r\n", "null\nnull\n()\n");
    check_replies("*3\r\n:1\r\n$1\r\na\r\n*2\r\n+b\r\n*0\r\n+c\r\n", "(:1 \"a\" (+b ()))\n+c\n");
}

TEST_CASE("RESP: a bulk string holds any byte, line ends too") {
    check_replies("$6\r\na\r\n\0b+\r\n"s, "\"a\r\n\0b+\"\n"s);
}

TEST_CASE("RESP: the answer to XREAD comes out as arrays in arrays") {
    check_replies(
        "*1\r\n*2\r\n$4\r\nroom\r\n*1\r\n*2\r\n$3\r\n0-1\r\n*2\r\n$4\r\ntext\r\n$2\r\nhi\r\n",
        "((\"room\" ((\"0-1\" (\"text\" \"hi\")))))\n", {.bytes = 256, .values = 16, .depth = 5});
}

TEST_CASE("RESP: another protocol is noticed at its first byte, and shown") {
    check_bad("HTTP/1.1 400 Bad Request\r\n", "not RESP");
    check_bad("SSH-2.0-OpenSSH_9.2\r\n", "begins with \"S");
    check_bad("\0\0\1"s, "\\x00");
    check_bad("\r\n", "not RESP");
}

TEST_CASE("RESP: numbers and line ends that are none are refused") {
    check_bad(":\r\n", "not a number");
    check_bad(":1x\r\n", "not a number");
    check_bad(":9223372036854775808\r\n", "not a number");
    check_bad("$-2\r\n", "not a length");
    check_bad("$x\r\n", "not a length");
    check_bad("*-7\r\n", "not a length");
    check_bad("+OK\n", "CRLF");
    check_bad("$2\r\nhixx", "CRLF");
    check_bad(":" + std::string(40, '0'), "number is too long");
}

TEST_CASE("RESP: a reply that is too long, too deep or of too many values is refused at once") {
    const std::string line(240, 'a');
    check_replies("+" + line + "\r\n+" + line + "\r\n", "+" + line + "\n+" + line + "\n");
    check_bad("+" + std::string(256, 'a'), "longer than 256 bytes");
    // The length alone is enough: none of its bytes has come.
    check_bad("$300\r\n", "longer than 256 bytes");
    check_bad("$18446744073709551615\r\n", "longer than 256 bytes");
    check_bad("*2\r\n$200\r\n" + std::string(200, 'a') + "\r\n$200\r\n", "longer than 256 bytes");
    check_bad("*17\r\n", "more than 16 values");
    check_bad("*9\r\n*9\r\n", "more than 16 values");
    check_bad("*1\r\n*1\r\n*1\r\n*1\r\n", "more than 3 deep");
    // Each reply has the limits for itself.
    check_replies("*2\r\n:1\r\n:2\r\n*2\r\n:1\r\n:2\r\n", "(:1 :2)\n(:1 :2)\n",
                  {.bytes = 12, .values = 2, .depth = 1});
}

TEST_CASE("RESP: a command is an array of bulk strings, whatever bytes they hold") {
    std::string bytes;
    append_command(bytes, {"XADD", "room", "a\r\n\0b"});
    CHECK(bytes == "*3\r\n$4\r\nXADD\r\n$4\r\nroom\r\n$3\r\na\r\n\r\n");
    bytes.clear();
    append_command(bytes, {"SET", std::string_view("a\0b", 3), ""});
    CHECK(bytes == "*3\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n"s);
    check_replies(bytes, "(\"SET\" \"a\0b\" \"\")\n"s);
}
