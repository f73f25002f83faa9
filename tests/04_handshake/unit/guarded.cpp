// Unit tests of the parsers of 04_handshake and common/ with input behind which nothing may be
// read.
#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "04_handshake/frame.hpp"
#include "04_handshake/message.hpp"
#include "common/http/message.hpp"
#include "common/line_parser.hpp"
#include "tests/04_handshake/support/raw_frames.hpp"
#include "tests/support/guarded_bytes.hpp"

using lab::test::GuardedBytes;
using lab::test::kMaskingKey;

namespace {

// Makes a parser with `make` for each place in `stream`, and gives it the two pieces before and
// behind that place: `parse` has to take each of them whole.
template <class Make, class Parse>
void parse_guarded(std::string_view stream, Make make, Parse parse) {
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        auto parser = make();
        for (const std::string_view part : {stream.substr(0, cut), stream.substr(cut)}) {
            const GuardedBytes piece(part);
            std::string_view input = piece.view();
            parse(parser, input);
            CHECK(input.empty());
        }
    }
}

// Takes all of `input`, which has to be right.
template <class Parser>
void take_all(Parser& parser, std::string_view& input) {
    typename Parser::Result result{};
    do {
        result = parser.parse(input);
        REQUIRE(result != Parser::Result::bad);
    } while (result != Parser::Result::need_more);
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a parser of HTTP reads nothing behind its input") {
    using Parser = http::MessageParser;
    parse_guarded(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\nGET /a?b HTTP/1.1\r\nHost: a\r\n\r\n",
        [] { return Parser(Parser::Kind::request, 100); }, take_all<Parser>);
}

TEST_CASE("a parser of messages reads nothing behind its input") {
    using namespace websocket;
    const std::string stream =
        encode({.fin = false, .masking_key = kMaskingKey, .length = 0}) +
        encode({.opcode = Opcode::ping, .masking_key = kMaskingKey, .length = 0}) +
        encode({.opcode = Opcode::continuation, .masking_key = kMaskingKey, .length = 200});
    std::string masked(200, 'x');
    mask(masked.data(), masked.size(), kMaskingKey);
    parse_guarded(
        stream + masked, [] { return MessageParser(Role::client, 1000); }, take_all<MessageParser>);
}

TEST_CASE("masking touches nothing behind the payload") {
    // More than twice as many as are masked at once.
    for (std::size_t size = 0; size <= 40; ++size) {
        const GuardedBytes bytes(std::string(size, 'x'));
        for (std::size_t offset = 0; offset < 4; ++offset)
            websocket::mask(bytes.data(), bytes.size(), kMaskingKey, offset);
    }
}

TEST_CASE("a parser of lines reads nothing behind its input") {
    std::string lines;
    parse_guarded(
        "one\ntwo\r\n\nthree", [] { return lab::LineParser(100); },
        [&](lab::LineParser& parser, std::string_view& input) {
            while (!input.empty())
                REQUIRE(parser.parse(input, lines) != lab::LineParser::Result::bad);
        });
}

TEST_SUITE_END();
