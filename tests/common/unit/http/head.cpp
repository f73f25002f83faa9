// Unit tests of the parser of HTTP heads.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/head.hpp"
#include "common/visible.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using namespace std::string_literals;
using http::HeadParser;
using Kind = HeadParser::Kind;

namespace {

// The result of `pieces`: the parts of the head, a line each, and the bytes that are left behind
// it; or why it is refused.
std::string parse(const std::vector<std::string_view>& pieces, Kind kind,
                  HeadParser::Limits limits) {
    HeadParser parser(kind, limits);
    auto result = HeadParser::Result::need_more;
    std::string rest;
    for (std::string_view piece : pieces) {
        if (result == HeadParser::Result::need_more) result = parser.parse(piece);
        if (result == HeadParser::Result::bad)
            return std::to_string(parser.error().status) + " " + parser.error().text;
        if (result == HeadParser::Result::need_more && !piece.empty()) return "not all was taken";
        rest += piece;
    }
    if (result == HeadParser::Result::need_more) return "need more";
    const http::Head& head = parser.head();
    std::string text = kind == Kind::request ? head.method + " " + head.target
                                             : std::to_string(head.status) + " " + head.reason;
    text += " 1." + std::to_string(head.minor_version) + "\n";
    for (const http::Field& field : head.fields) text += field.name + "=" + field.value + "\n";
    return text + rest;
}

void expect_parsed(std::string_view stream, std::string_view expected, Kind kind = Kind::request,
                   HeadParser::Limits limits = {},
                   lab::test::Place place = lab::test::Place::here()) {
    for (const auto& pieces : lab::test::all_cuts(stream)) {
        expect_bytes(
            expected, parse(pieces, kind, limits),
            "of " + lab::visible(stream) + " in " + std::to_string(pieces.size()) + " pieces",
            place);
    }
}

// How many bytes the parser takes, one by one, until it refuses: 0 if it never does.
std::size_t refused_at(std::string_view stream, HeadParser::Limits limits) {
    HeadParser parser(Kind::request, limits);
    for (std::size_t at = 0; at < stream.size(); ++at) {
        std::string_view byte = stream.substr(at, 1);
        if (parser.parse(byte) == HeadParser::Result::bad) return at + 1;
    }
    return 0;
}

http::Head head_of(std::string_view stream) {
    HeadParser parser(Kind::request);
    REQUIRE(parser.parse(stream) == HeadParser::Result::head);
    return parser.head();
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a request is parsed however it is cut") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"GET / HTTP/1.1\r\n\r\n", "GET / 1.1\n"},
        {"GET / HTTP/1.0\r\n\r\n", "GET / 1.0\n"},
        {"GET / HTTP/1.9\r\n\r\n", "GET / 1.9\n"},
        {"GET /a?b=%20&c#d HTTP/1.1\r\nHost: a:1\r\n\r\n", "GET /a?b=%20&c#d 1.1\nHost=a:1\n"},
        {"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * 1.1\n"},
        {"a!#$%&'*+-.^_`|~9Z /!~ HTTP/1.1\r\n\r\n", "a!#$%&'*+-.^_`|~9Z /!~ 1.1\n"},
        // Lines may end with LF alone: RFC 9112, section 2.2.
        {"GET / HTTP/1.1\nHost: a\n\n", "GET / 1.1\nHost=a\n"},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / 1.1\nHost=a\n"},
        // Empty lines before the request: the same section.
        {"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", "GET / 1.1\n"},
        {"GET / HTTP/1.1\r\na:b\r\nA:c\r\n\r\n", "GET / 1.1\na=b\nA=c\n"},
        {"GET / HTTP/1.1\r\na: \t b c \t\r\nb:\r\nc: \t \r\nd::e:\r\n\r\n",
         "GET / 1.1\na=b c\nb=\nc=\nd=:e:\n"},
        {"GET / HTTP/1.1\r\na: \xff\xd0\t\x80\r\n\r\n", "GET / 1.1\na=\xff\xd0\t\x80\n"},
        // The next bytes belong to the protocol that comes after HTTP.
        {"GET / HTTP/1.1\r\n\r\n\x81\x80\r\n\r\n", "GET / 1.1\n\x81\x80\r\n\r\n"},
        {"", "need more"},
        {"\r\n\r\n", "need more"},
        {"GET / HTTP/1.1\r\n", "need more"},
        {"GET / HTTP/1.1\r\nHost: a\r\n\r", "need more"},
    };
    for (const auto& [stream, head] : cases) expect_parsed(stream, head);
}

TEST_CASE("a request that breaks a rule is refused with its status however it is cut") {
    const std::string line = "GET / HTTP/1.1\r\n";
    const std::string parts = "400 the request line is not: method, space, target, space, version";
    const std::string target =
        "400 the target is empty or holds a byte that has to be percent-encoded";
    const std::string version = "400 the version is not HTTP/ and two digits with a dot between";
    const std::string control = "400 the value of a header field holds a control character";
    const std::string name = "400 the name of a header field is not a token";
    const std::string folding = "400 a header line begins with white space: obsolete line folding";
    const std::string space = "400 white space stands before the colon of a header line";
    const std::string lone_cr = "400 a CR stands alone: lines end with CRLF";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"GET\r\n", parts},
        {"GET /\r\n", parts},
        {" \r\n", parts},
        {"GET  HTTP/1.1\r\n", target},
        {"GET / / HTTP/1.1\r\n", target},
        {"GET /\t HTTP/1.1\r\n", target},
        {"GET /\x7f HTTP/1.1\r\n", target},
        {"GET /п HTTP/1.1\r\n", target},
        {"GET /\0 HTTP/1.1\r\n"s, target},
        {" / HTTP/1.1\r\n", "400 the method is not a token"},
        {"G(T / HTTP/1.1\r\n", "400 the method is not a token"},
        {"G\tT / HTTP/1.1\r\n", "400 the method is not a token"},
        {"\x16\x03\x01 / HTTP/1.1\r\n", "400 the method is not a token"},  // a client of TLS
        {"GET / HTTP/1.1 \r\n", target},
        {"GET / \r\n", version},
        {"GET / HTTP/1.\r\n", version},
        {"GET / HTTP/1.10\r\n", version},
        {"GET / HTTP/1,1\r\n", version},
        {"GET / HTTP/x.1\r\n", version},
        {"GET / HTTP/1.x\r\n", version},
        {"GET / HTTP/:.1\r\n", version},
        {"GET / HTTP/1./\r\n", version},
        {"GET / http/1.1\r\n", version},
        {"GET / HTTQ/1.1\r\n", version},
        {"GET / HTTP/2.0\r\n", "505 HTTP/1.1 is spoken here"},
        {"GET / HTTP/0.9\r\n", "505 HTTP/1.1 is spoken here"},
        {"GET /\r / HTTP/1.1\r\n", lone_cr},
        {"GET / HTTP/1.1\r\r\n", lone_cr},
        {"\rGET / HTTP/1.1\r\n", lone_cr},
        {line + "a: b\rc\r\n", lone_cr},
        {line + "\r\r\n", lone_cr},
        {line + " a: b\r\n", folding},
        {line + "a: b\r\n\tc\r\n", folding},
        {line + "Host\r\n", "400 a header line has no colon"},
        {line + "Host : a\r\n", space},
        {line + "Host\t: a\r\n", space},
        {line + ": a\r\n", name},
        {line + "a b: c\r\n", name},
        {line + "a\"b: c\r\n", name},
        {line + "\xd0\xbf: c\r\n", name},
        {line + "a: b\0c\r\n"s, control},
        {line + "a: \x1f\r\n", control},
        {line + "a: \x7f\r\n", control},
        {line + "a: b\r\nc: \x1b[2J\r\n\r\n", control},
    };
    for (const auto& [stream, refusal] : cases) expect_parsed(stream, refusal);
}

TEST_CASE("a head has begun with its first byte that is of no empty line") {
    HeadParser parser(Kind::request);
    for (std::string_view byte : {"\r", "\n", "\n", "\r", "\n", "\r"}) {
        CHECK(parser.parse(byte) == HeadParser::Result::need_more);
        CHECK_FALSE(parser.begun());
    }
    for (std::string_view piece : {"\nG", "ET / HTTP/1.1\r\n", "\r"}) {
        CHECK(parser.parse(piece) == HeadParser::Result::need_more);
        CHECK(parser.begun());
    }
}

TEST_CASE("the target may be as long as its limit and no longer") {
    const HeadParser::Limits limits{.target = 10, .head = 64};
    const std::string refusal = "414 the target of the request is longer than 10 bytes";
    const std::string rest = " HTTP/1.1\r\n\r\n";
    expect_parsed("GET /123456789" + rest, "GET /123456789 1.1\n", Kind::request, limits);
    expect_parsed("GET /1234567890" + rest, refusal, Kind::request, limits);
    expect_parsed("GET /12345678901234567890" + rest, refusal, Kind::request, limits);
    // A line without end is refused once it is longer than any that is allowed: 10 and 32 bytes.
    CHECK(refused_at("GET /" + std::string(37, 'x'), limits) == 0);
    CHECK(refused_at("GET /" + std::string(1000, 'x'), limits) == 43);
    CHECK(refused_at("\r\n\r\nGET /" + std::string(1000, 'x'), limits) == 47);
    expect_parsed("GET /" + std::string(1000, 'x') + rest, refusal, Kind::request, limits);
    expect_parsed("GET /" + std::string(1000, 'x') + rest, refusal, Kind::request,
                  {.target = 10, .head = 42});
    // A method that never ends is not a target that is too long.
    const std::string method = "501 the method is longer than any that is known here";
    for (const std::size_t length : {23U, 100U, 1000U})
        expect_parsed(std::string(length, 'M') + " /" + rest, method, Kind::request, limits);
    expect_parsed(std::string(100, 'M'), method, Kind::request, limits);
    expect_parsed(std::string(22, 'M') + " /" + rest, std::string(22, 'M') + " / 1.1\n",
                  Kind::request, limits);
    expect_parsed("M(" + std::string(1000, 'M'), "400 the method is not a token", Kind::request,
                  limits);
    CHECK(refused_at(std::string(1000, 'M'), limits) == 43);
    // The whole of a method that fits beside the longest target.
    expect_parsed("M2345678901234567890 /123456789 HTTP/1.1\r\n\r\n",
                  "M2345678901234567890 /123456789 1.1\n", Kind::request, limits);
}

TEST_CASE("the head may be as long as its limit and no longer") {
    const std::string stream = "GET / HTTP/1.1\r\na: " + std::string(25, 'x') + "\r\n\r\n";
    REQUIRE(stream.size() == 48);
    const std::string head = "GET / 1.1\na=" + std::string(25, 'x') + "\n";
    expect_parsed(stream, head, Kind::request, {.target = 10, .head = 48});
    expect_parsed(stream + "frames", head + "frames", Kind::request, {.target = 10, .head = 48});
    for (const std::size_t limit : {47U, 46U, 45U, 44U, 20U, 15U}) {
        expect_parsed(stream, "431 the head is longer than " + std::to_string(limit) + " bytes",
                      Kind::request, {.target = 10, .head = limit});
        CHECK(refused_at(stream, {.target = 10, .head = limit}) == limit + 1);
    }
    // It does not help either to send it as empty lines, or as a request line that never ends.
    const HeadParser::Limits limits{.target = 100, .head = 20};
    CHECK(refused_at(std::string(1000, '\n'), limits) == 21);
    CHECK(refused_at("GET /" + std::string(1000, 'x'), limits) == 21);
    expect_parsed("GET /" + std::string(1000, 'x'), "431 the head is longer than 20 bytes",
                  Kind::request, limits);
}

TEST_CASE("the limits are 8000 bytes for the target and 16384 for the head") {
    const auto request = [](std::size_t target, std::size_t head) {
        const std::string line = "GET /" + std::string(target - 1, 'x') + " HTTP/1.1\r\na: ";
        return line + std::string(head - line.size() - 4, 'y') + "\r\n\r\n";
    };
    CHECK(head_of(request(8000, 16384)).target.size() == 8000);
    expect_parsed(request(8001, 16384), "414 the target of the request is longer than 8000 bytes");
    expect_parsed(request(8000, 16385), "431 the head is longer than 16384 bytes");
}

TEST_CASE("a hundred header fields are taken and no more") {
    std::string stream = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 100; ++i) stream += "a:\r\n";
    CHECK(head_of(stream + "\r\n").fields.size() == 100);
    expect_parsed(stream + "a:\r\n\r\n", "431 there are more than 100 header fields");
}

TEST_CASE("a response is parsed however it is cut") {
    const std::string line =
        "400 the status line is not: version, space, three digits, space, reason";
    const std::string version = "400 the version is not HTTP/ and two digits with a dot between";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81",
         "101 Switching Protocols 1.1\nUpgrade=websocket\n\x81"},
        {"HTTP/1.0 200 OK\n\n", "200 OK 1.0\n"},
        {"HTTP/1.1 404 \r\n\r\n", "404  1.1\n"},
        {"HTTP/1.1 100\r\n\r\n", "100  1.1\n"},
        {"HTTP/1.1 999 п \xff\r\n\r\n", "999 п \xff 1.1\n"},
        {"HTTP/1.1 099 OK\r\n", line},
        {"HTTP/1.1 10\r\n", line},
        {"HTTP/1.1 1010 OK\r\n", line},
        {"HTTP/1.1 -10 OK\r\n", line},
        {"HTTP/1.1 1x1 OK\r\n", line},
        {"HTTP/1.1  101 OK\r\n", line},
        {"HTTP/1.1 101-OK\r\n", line},
        {"HTTP/1.1 \r\n", line},
        {"HTTP/1.1\r\n", line},
        {"HTTP/1.1 200 \x1b[2J\r\n", "400 the reason holds a control character"},
        {"HTTP/1.1 200 a\tb\r\n", "400 the reason holds a control character"},
        {"HTTP/2 200 OK\r\n", version},
        {"ICY 200 OK\r\n", version},
        {"SSH-2.0-OpenSSH_9.2p1\r\n", version},
        {"HTTP/2.0 200 OK\r\n", "505 HTTP/1.1 is spoken here"},
    };
    for (const auto& [stream, head] : cases) expect_parsed(stream, head, Kind::response);
}

TEST_CASE("a folded line of a response is read as one line") {
    const std::string line = "HTTP/1.1 200 OK\r\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"a: b\r\n c\r\n", "a=b c\n"},
        {"a: b \t\r\n \t c \r\n\td\r\ne: f\r\n", "a=b c d\ne=f\n"},
        {"a:\r\n b\r\n", "a=b\n"},
        {"a: b\r\n \r\n c\r\n", "a=b c\n"},
        {"a:\n b\n", "a=b\n"},
        // It is no second length, but one that is no number.
        {"Content-Length: 1\r\n 2\r\n", "Content-Length=1 2\n"},
        {"a: b\r\n c: d\r\n", "a=b c: d\n"},
    };
    for (const auto& [fields, expected] : cases)
        expect_parsed(line + fields + "\r\n", "200 OK 1.1\n" + expected, Kind::response);
    expect_parsed(line + "a: b\r\n \x01\r\n",
                  "400 the value of a header field holds a control character", Kind::response);
    expect_parsed(line + " a: b\r\n",
                  "400 a header line begins with white space: obsolete line folding",
                  Kind::response);
    expect_parsed(line + "a: b\r\n" + std::string(200, ' ') + "\r\n",
                  "431 the head is longer than 100 bytes", Kind::response, {.head = 100});
}

TEST_CASE("a response has no target whose length could be its fault") {
    const std::string stream = "HTTP/1.1 200 " + std::string(50, 'x') + "\r\n\r\n";
    expect_parsed(stream, "200 " + std::string(50, 'x') + " 1.1\n", Kind::response,
                  {.target = 10, .head = 67});
    expect_parsed(stream, "431 the head is longer than 66 bytes", Kind::response,
                  {.target = 10, .head = 66});
}

TEST_SUITE_END();
