// Unit tests of how 04_handshake shows frames, and remembers them for the page.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "04_handshake/frame_fields.hpp"
#include "tests/04_handshake/support/raw_frames.hpp"

using namespace websocket;
using lab::test::from_hex;

namespace {

// The table of the frame whose header is `hex`.
std::string shown(std::string_view hex, std::string_view payload) {
    const std::string bytes = from_hex(hex);
    std::string_view input = bytes;
    FrameHeaderParser parser((bytes[1] & 0x80) != 0 ? Role::client : Role::server);
    REQUIRE(parser.parse(input) == FrameHeaderParser::Result::header);
    return table(fields_of(parser.header(), payload));
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a frame is shown with the bytes of each of its fields") {
    CHECK(shown("81 05", "Hello") ==
          "\n    FIN, opcode  MASK, length   payload"
          "\n    81           05             48 65 6c 6c 6f"
          "\n    last, text   not masked, 5  \"Hello\"");
    CHECK(shown("01 85 37 fa 21 3d", "Hello") ==
          "\n    FIN, opcode         MASK, length  masking key  payload"
          "\n    01                  85            37 fa 21 3d  7f 9f 4d 51 58"
          "\n    more to come, text  masked, 5                  \"Hello\"");
    CHECK(shown("89 00", "") ==
          "\n    FIN, opcode  MASK, length"
          "\n    89           00"
          "\n    last, ping   not masked, 0");
    CHECK(shown("8a 80 01 02 03 04", "") ==
          "\n    FIN, opcode  MASK, length  masking key"
          "\n    8a           80            01 02 03 04"
          "\n    last, pong   masked, 0");
    CHECK(shown("88 06", "\x03\xe8 bye") ==
          "\n    FIN, opcode  MASK, length   payload"
          "\n    88           06             03 e8 20 62 79 65"
          "\n    last, close  not masked, 6  1000 \" bye\"");
    CHECK(shown("88 02", "\xff\xff").ends_with("not masked, 2  65535 \"\""));
    CHECK(shown("88 01", "\x03").ends_with("\n    last, close  not masked, 1"));
}

TEST_CASE("the length of a frame is shown where it stands") {
    CHECK(shown("81 7d", "").ends_with("\n    last, text   not masked, 125"));
    CHECK(shown("02 7e 00 7e", "") ==
          "\n    FIN, opcode           MASK, length                 extended length"
          "\n    02                    7e                           00 7e"
          "\n    more to come, binary  not masked, 126: in 2 bytes  126");
    CHECK(shown("82 fe ff ff 37 fa 21 3d", "") ==
          "\n    FIN, opcode   MASK, length             extended length  masking key"
          "\n    82            fe                       ff ff            37 fa 21 3d"
          "\n    last, binary  masked, 126: in 2 bytes  65535");
    CHECK(shown("80 7f 00 00 00 00 00 01 00 00", "") ==
          "\n    FIN, opcode         MASK, length                 extended length"
          "\n    80                  7f                           00 00 00 00 00 01 00 00"
          "\n    last, continuation  not masked, 127: in 8 bytes  65536");
}

TEST_CASE("of a long payload the first 32 bytes are shown as they are on the wire") {
    const std::string letters(33, 'a');
    std::string hex = "61";
    for (int i = 1; i < 32; ++i) hex += " 61";
    const auto payload_of = [](const std::vector<FrameField>& fields) { return fields.back().hex; };
    FrameHeader header{.opcode = Opcode::text, .masking_key = {}, .length = 32};
    CHECK(payload_of(fields_of(header, letters.substr(0, 32))) == hex);
    header.length = 33;
    CHECK(payload_of(fields_of(header, letters)) == hex + " …");
    header.masking_key = MaskingKey{1, 2, 3, 4};
    CHECK(payload_of(fields_of(header, letters)).starts_with("60 63 62 65 60 63"));
}

TEST_CASE("fields become JSON for the page") {
    CHECK(json({{"a", "00 01", "meaning"}}) == R"([["a","00 01"]])");
    CHECK(json({{"a", "00", ""}, {"b", "", ""}}) == R"([["a","00"],["b",""]])");
    CHECK(hexadecimal("\x01\xaf\xff") == "01 af ff");
    CHECK(hexadecimal("\x01\xaf\xff", "") == "01afff");
    CHECK(hexadecimal("").empty());
    CHECK(name_of(Opcode{7}) == "?");
}

TEST_CASE("a page's name is letters and digits") {
    const auto page = [](const std::string& query) {
        return FrameLog::page_of(http::parse_target("/frames?" + query).value());
    };
    const std::string longest(36, 'z');
    CHECK(page("page=aZ09") == "aZ09");
    CHECK(page("v=2&page=" + longest + "&page=second") == longest);
    for (const std::string& query :
         {"page=" + longest + "z", std::string("page="), std::string(), std::string("page=a-b"),
          std::string("page=a+b"), std::string("page=\""), std::string("page=п"),
          std::string("Page=a")})
        CHECK_MESSAGE(page(query).empty(), query);
}

TEST_CASE("of a page the last 32 frames are known and of pages the last 64") {
    FrameLog log;
    CHECK(log.json("a") == R"({"first":0,"frames":[]})");
    std::string all;
    for (int i = 0; i < 32; ++i) {
        log.add("a", std::to_string(i));
        all += i > 0 ? "," : "";
        all += std::to_string(i);
    }
    CHECK(log.json("a") == R"({"first":0,"frames":[)" + all + "]}");
    log.add("a", "32");
    CHECK(log.json("a") == R"({"first":1,"frames":[)" + all.substr(2) + ",32]}");
    log.add("a", "33");
    CHECK(log.json("a") == R"({"first":2,"frames":[)" + all.substr(4) + ",32,33]}");

    for (char i = 1; i < 64; ++i) log.add(std::string{'b', i}, "1");
    CHECK(log.json("a").starts_with(R"({"first":2,)"));
    log.add("last", "2");
    CHECK(log.json("a") == R"({"first":0,"frames":[]})");
    CHECK(log.json("b\x01") == R"({"first":0,"frames":[1]})");
    CHECK(log.json("last") == R"({"first":0,"frames":[2]})");
}

TEST_SUITE_END();
