// Unit tests of the header fields that a head holds.
#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "common/http/head.hpp"

TEST_SUITE_BEGIN("unit");

TEST_CASE("fields and the tokens of their lists are found in any case and over several lines") {
    http::HeadParser parser(http::HeadParser::Kind::request);
    std::string_view stream =
        "GET / HTTP/1.1\r\nConnection: keep-alive ,\tUPGRADE\r\nX: y\r\nconnection: , close,\r\n"
        "Upgrade: web socket,h2c,websockets\r\nEmpty:\r\n\r\n";
    REQUIRE(parser.parse(stream) == http::HeadParser::Result::head);
    const http::Head& head = parser.head();
    CHECK(head.values("CONNECTION") ==
          std::vector<std::string_view>{"keep-alive ,\tUPGRADE", ", close,"});
    CHECK(head.values("Connectio").empty());
    CHECK(head.values("Empty") == std::vector<std::string_view>{""});
    for (const std::string_view token : {"upgrade", "Keep-Alive", "close"})
        CHECK(head.has_token("Connection", token));
    for (const std::string_view token : {"keep", "alive", "y", "websocket", "close,"})
        CHECK_FALSE(head.has_token("Connection", token));
    CHECK(head.has_token("Upgrade", "h2c"));
    CHECK_FALSE(head.has_token("Upgrade", "websocket"));
    CHECK_FALSE(head.has_token("Nothing", "websocket"));
}

TEST_SUITE_END();
