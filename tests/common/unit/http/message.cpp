// Unit tests of the parser of whole messages, as a client uses it for responses.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/message.hpp"
#include "common/visible.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using http::MessageParser;
using lab::test::expect_bytes;
using lab::test::Place;
using Result = MessageParser::Result;

namespace {

constexpr std::size_t kEnough = 1 << 20;
const std::string kCut = "bad: the server ended the connection within a response";
const std::string kLong = "bad: the body is longer than it may be";
const std::string kFive = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// The responses that come out of `pieces`, a line each, status and content; then what comes of the
// connection's end. The content is taken out as it comes if `take`.
std::string read(const std::vector<std::string_view>& pieces, std::size_t max_body, bool take) {
    MessageParser parser(MessageParser::Kind::response, max_body);
    std::string text, content;
    for (std::string_view piece : pieces) {
        for (;;) {
            const Result result = parser.parse(piece);
            if (result == Result::bad) return text + "bad: " + parser.error().text;
            if (result == Result::head) text += std::to_string(parser.head().status) + " ";
            if (take) content += std::exchange(parser.body(), "");
            if (result == Result::end)
                text += std::exchange(content, "") + (take ? "" : parser.body()) + "\n";
            if (result == Result::need_more) break;
        }
        if (!piece.empty()) return text + "not all was taken";
    }
    const Result result = parser.finish();
    if (result == Result::bad) return text + "bad: " + parser.error().text;
    if (result == Result::need_more) return text + "over";
    if (result != Result::end) return text + "neither end nor bad";
    return text + content + parser.body() + " which the end of the connection ended";
}

void expect_read(std::string_view stream, std::string_view expected, std::size_t max_body = kEnough,
                 Place place = Place::here()) {
    for (const bool take : {false, true}) {
        for (const auto& pieces : lab::test::all_cuts(stream)) {
            expect_bytes(expected, read(pieces, max_body, take),
                         "of " + lab::visible(stream) + " in " + std::to_string(pieces.size()) +
                             " pieces" + (take ? ", the content taken out as it comes" : ""),
                         place);
        }
    }
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("responses are read one after the other however they are cut") {
    expect_read("", "over");
    expect_read(kFive, "200 hello\nover");
    expect_read(kFive + "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n" + kFive +
                    "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
                    "HTTP/1.1 304 Not Modified\r\n\r\n"
                    "HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n" +
                    kFive,
                "200 hello\n204 \n200 hello\n201 \n304 \n500 abcde\n200 hello\nover");
}

TEST_CASE("interim responses are passed over") {
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    const std::string hints = "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nA: b\r\n\r\n";
    expect_read(interim + hints + kFive + interim + kFive, "200 hello\n200 hello\nover");
    // Nothing has come yet of the response.
    expect_read(interim, "over");
    expect_read(kFive + interim + "HTTP", "200 hello\n" + kCut);
}

TEST_CASE("fields of an interim response are not those of the response") {
    MessageParser parser(MessageParser::Kind::response, kEnough);
    std::string_view input = "HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nC: d\r\n\r\n";
    REQUIRE(parser.parse(input) == Result::head);
    CHECK(parser.head().status == 200);
    CHECK(parser.head().values("A").empty());
    CHECK(parser.head().fields.size() == 1);
}

TEST_CASE("a server that switches protocols unasked is not understood") {
    expect_read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81",
                "bad: the server switches protocols");
}

TEST_CASE("a response without a length ends with the connection") {
    expect_read("HTTP/1.1 200 OK\r\n\r\n", "200  which the end of the connection ended");
    expect_read("HTTP/1.0 200 OK\r\n\r\nhello\r\nHTTP/1.1 404\r\n\r\n",
                "200 hello\r\nHTTP/1.1 404\r\n\r\n which the end of the connection ended");
    MessageParser parser(MessageParser::Kind::response, kEnough);
    std::string_view input = "HTTP/1.1 200 OK\r\n\r\ndata";
    CHECK(parser.parse(input) == Result::head);
    CHECK(parser.parse(input) == Result::content);
    CHECK(parser.body() == "data");
    CHECK(parser.parse(input) == Result::need_more);
    CHECK(parser.finish() == Result::end);
    CHECK(parser.finish() == Result::need_more);
}

TEST_CASE("a response that the end of the connection cuts off is not whole") {
    const std::string head = "HTTP/1.1 200 OK\r\n";
    const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
    expect_read("H", kCut);
    expect_read(head, kCut);
    expect_read(kFive + "HTTP/1.1 200 OK\r\n", "200 hello\n" + kCut);
    expect_read(kFive.substr(0, kFive.size() - 1), "200 " + kCut);
    expect_read(kFive.substr(0, kFive.size() - 5), "200 " + kCut);
    expect_read(chunked, "200 " + kCut);
    expect_read(chunked + "5\r\nhello\r\n", "200 " + kCut);
    expect_read(chunked + "5\r\nhello\r\n0\r\n", "200 " + kCut);
    expect_read(chunked + "5\r\nhello\r\n0\r\n\r\n", "200 hello\nover");
}

TEST_CASE("a response may be as long as its limit and no longer") {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string endless = "HTTP/1.1 200 OK\r\n\r\n";
    expect_read(kFive + kFive, "200 hello\n200 hello\nover", 5);
    expect_read(kFive, "200 " + kLong, 4);
    expect_read(chunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "200 hello\nover", 5);
    expect_read(chunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "200 " + kLong, 4);
    expect_read(endless + "hello", "200 hello which the end of the connection ended", 5);
    expect_read(endless + "hello", "200 " + kLong, 4);
    expect_read("HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n",
                "bad: the head is longer than 16384 bytes");
}

TEST_CASE("the fault of a response is named") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"SSH-2.0-OpenSSH_9.2p1\r\n",
         "bad: the version is not HTTP/ and two digits with a dot between"},
        {"HTTP/2.0 200 OK\r\n", "bad: HTTP/1.1 is spoken here"},
        {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "bad: the Content-Length is not a number"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
         "bad: the last transfer coding is not chunked: the body has no sure end"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 2\r\n\r\n",
         "bad: the Content-Length is not a number"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
         "200 bad: the size of a chunk is not a hexadecimal number"},
        {kFive + "hello\r\n",
         "200 hello\nbad: the version is not HTTP/ and two digits with a dot between"},
    };
    for (const auto& [stream, expected] : cases) expect_read(stream, expected);
}

TEST_CASE("a folded line of a response is one line") {
    MessageParser parser(MessageParser::Kind::response, kEnough);
    std::string_view input = "HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\nContent-Length:\r\n 0\r\n\r\n";
    REQUIRE(parser.parse(input) == Result::head);
    CHECK(parser.head().values("A")[0] == "b c");
    CHECK(parser.parse(input) == Result::end);
}

TEST_CASE("a body that is compressed is not understood and its head is") {
    const std::string coded = "bad: the body is compressed: not asked for";
    const auto response = [](const std::string& fields) {
        return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 5\r\n\r\nhello";
    };
    for (const std::string coding :
         {"gzip", "br", "x-gzip", "identity, gzip", "identity, identity"})
        expect_read(response("Content-Encoding: " + coding + "\r\n"), "200 " + coded);
    expect_read(response("Content-Encoding: identity\r\nContent-encoding: gzip\r\n"),
                "200 " + coded);
    for (const std::string coding : {"identity", "IDENTITY", ""})
        expect_read(response("Content-Encoding: " + coding + "\r\n"), "200 hello\nover");
    // An answer without a body has nothing to decode.
    expect_read("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n" + kFive,
                "204 \n200 hello\nover");
    expect_read("HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
                "404 \nover");
}

TEST_CASE("the body begins empty with each response") {
    MessageParser parser(MessageParser::Kind::response, kEnough);
    const std::string stream = kFive + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
    std::string_view input = stream;
    CHECK(parser.parse(input) == Result::head);
    CHECK(parser.body().empty());
    CHECK(parser.parse(input) == Result::end);
    CHECK(parser.body() == "hello");
    CHECK(parser.head().status == 200);
    CHECK(parser.parse(input) == Result::head);
    CHECK(parser.body().empty());
    CHECK(parser.parse(input) == Result::end);
    CHECK(parser.body() == "ab");
}

TEST_SUITE_END();
