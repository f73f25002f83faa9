// Unit tests of where the bodies of HTTP messages end, by what their heads say.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/http/body.hpp"
#include "tests/support/report.hpp"

using http::Framing;
using lab::test::expect_bytes;
using Kind = Framing::Kind;

namespace {

http::Head head_of(const std::string& first_line, const std::string& fields) {
    const auto kind = first_line.starts_with("HTTP/") ? http::HeadParser::Kind::response
                                                      : http::HeadParser::Kind::request;
    http::HeadParser parser(kind);
    const std::string bytes = first_line + "\r\n" + fields + "\r\n";
    std::string_view input = bytes;
    REQUIRE(parser.parse(input) == http::HeadParser::Result::head);
    return parser.head();
}

std::string shown(const std::variant<Framing, http::Refusal>& framing) {
    if (const auto* const refusal = std::get_if<http::Refusal>(&framing))
        return std::to_string(refusal->status) + " " + refusal->text;
    const auto [kind, length] = std::get<Framing>(framing);
    if (kind == Kind::length) return std::to_string(length) + " bytes";
    return kind == Kind::chunked ? "chunked" : "until the end";
}

std::string of_request(const std::string& fields, const std::string& version = "HTTP/1.1") {
    return shown(framing_of(head_of("POST / " + version, fields)));
}

std::string of_response(const std::string& status, const std::string& fields,
                        bool to_head = false) {
    return shown(framing_of(head_of("HTTP/1.1 " + status, fields), to_head));
}

const std::string kBoth = "400 there is a Content-Length beside the Transfer-Encoding";
const std::string kCoding = "501 no transfer coding but chunked is known here";
const std::string kNotLast =
    "400 the last transfer coding is not chunked: the body has no sure end";
const std::string kTwo = "400 there is more than one Content-Length";
const std::string kNoNumber = "400 the Content-Length is not a number";

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the body of a request has no bytes or a length or chunks") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "0 bytes"},
        {"Content-Type: text/plain\r\n", "0 bytes"},
        {"Content-Length: 0\r\n", "0 bytes"},
        {"content-length: \t5 \r\n", "5 bytes"},
        {"Content-Length: 005\r\n", "5 bytes"},
        {"Content-Length: 18446744073709551615\r\n", "18446744073709551615 bytes"},
        {"Transfer-Encoding: chunked\r\n", "chunked"},
        {"transfer-encoding: \tCHUNKED\r\n", "chunked"},
    };
    for (const auto& [fields, framing] : cases) CHECK(of_request(fields) == framing);
}

TEST_CASE("a body is refused that two readers could end in two places") {
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {chunked + "Content-Length: 5\r\n", kBoth},
        {"Content-Length: 5\r\n" + chunked, kBoth},
        {"Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", kBoth},
        {"Content-Length: 5\r\nContent-Length: 5\r\n", kTwo},
        {"Content-Length: 5\r\nContent-Length: 6\r\n", kTwo},
        {"Content-Length: 5\r\nContent-Length:\r\n", kTwo},
        {"Content-Length: 5, 5\r\n", kNoNumber},
        {"Content-Length:\r\n", kNoNumber},
        {"Content-Length: +5\r\n", kNoNumber},
        {"Content-Length: -5\r\n", kNoNumber},
        {"Content-Length: -0\r\n", kNoNumber},
        {"Content-Length: 5 5\r\n", kNoNumber},
        {"Content-Length: 5x\r\n", kNoNumber},
        {"Content-Length: 0x5\r\n", kNoNumber},
        {"Content-Length: a\r\n", kNoNumber},
        {"Content-Length: 5.0\r\n", kNoNumber},
        {"Content-Length: 5;\r\n", kNoNumber},
        {"Content-Length: \xD9\xA5\r\n", kNoNumber},  // ARABIC-INDIC DIGIT FIVE
        {"Content-Length: 18446744073709551616\r\n", kNoNumber},
        {"Content-Length: 18446744073709551621\r\n", kNoNumber},  // 5 in 64 bits
        {"Transfer-Encoding:\r\n", kNotLast},
        {"Transfer-Encoding: gzip\r\n", kNotLast},
        {"Transfer-Encoding: unknown\r\n", kNotLast},
        {"Transfer-Encoding: xchunked\r\n", kNotLast},
        {"Transfer-Encoding: chunke\r\n", kNotLast},
        {"Transfer-Encoding: chunkex\r\n", kNotLast},
        {"Transfer-Encoding: \"chunked\"\r\n", kNotLast},
        {"Transfer-Encoding: gzip, chunked\r\n", kCoding},
        {"Transfer-Encoding: chunked, gzip\r\n", kNotLast},
        {"Transfer-Encoding: gzip\t, \tCHUNKED\r\n", kCoding},
        {"Transfer-Encoding: chunked, chunked\r\n", kCoding},
        {"Transfer-Encoding: chunked,\r\n", kNotLast},
        {"Transfer-Encoding: chunked, \"chunked\"\r\n", kNotLast},
        {"Transfer-Encoding: chunked;q=1\r\n", kNotLast},
        {"Transfer-Encoding: , chunked\r\n", kCoding},
        {chunked + chunked, kCoding},
        {chunked + "Transfer-Encoding: identity\r\n", kNotLast},
        {"Transfer-Encoding: identity\r\n" + chunked, kCoding},
        {chunked + "Transfer-Encoding:\r\n", kNotLast},
    };
    for (const auto& [fields, refusal] : cases) {
        expect_bytes(refusal, of_request(fields), "of a request with " + fields);
        expect_bytes(refusal, of_response("200 OK", fields), "of a response with " + fields);
    }
}

TEST_CASE("HTTP/1.0 has bodies with a length and knows no chunks") {
    CHECK(of_request("", "HTTP/1.0") == "0 bytes");
    CHECK(of_request("Content-Length: 5\r\n", "HTTP/1.0") == "5 bytes");
    const std::string refusal = "400 HTTP/1.0 knows no Transfer-Encoding";
    CHECK(of_request("Transfer-Encoding: chunked\r\n", "HTTP/1.0") == refusal);
    CHECK(of_request("Transfer-Encoding: gzip\r\n", "HTTP/1.0") == refusal);
}

TEST_CASE("a response without a length goes on until the connection ends") {
    CHECK(of_response("200 OK", "") == "until the end");
    CHECK(of_response("404 Not Found", "Connection: close\r\n") == "until the end");
    CHECK(of_response("200 OK", "Content-Length: 5\r\n") == "5 bytes");
    CHECK(of_response("200 OK", "Content-Length: 0\r\n") == "0 bytes");
    CHECK(of_response("200 OK", "Transfer-Encoding: chunked\r\n") == "chunked");
}

TEST_CASE("some responses have no body whatever their head says of it") {
    for (const std::string fields : {"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
                                     "Content-Length: x\r\n", "Transfer-Encoding: gzip\r\n"}) {
        for (const std::string status :
             {"100 Continue", "101 Switching Protocols", "199", "204 No Content", "304 Unmodified"})
            expect_bytes("0 bytes", of_response(status, fields), "of a response with " + fields);
        expect_bytes("0 bytes", of_response("200 OK", fields, true), "HEAD with " + fields);
    }
    for (const std::string status : {"200", "203", "205", "303", "305"})
        CHECK(of_response(status, "") == "until the end");
}

TEST_SUITE_END();
