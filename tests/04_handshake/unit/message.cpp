// Unit tests of 04_handshake's messages: fragments, control frames between them, close frames.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "04_handshake/message.hpp"
#include "common/visible.hpp"
#include "tests/04_handshake/support/raw_frames.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using namespace websocket;
using namespace std::string_literals;
using lab::test::expect_bytes;
using lab::test::from_client;
using lab::test::from_hex;
using lab::test::from_server;
using lab::test::raw_close;
using lab::test::raw_frame;
using Result = MessageParser::Result;

namespace {

constexpr std::size_t kMax = 1 << 20;
const std::string kNotText = "bad 1007 a text is not UTF-8\n";
const std::string kCutText = "bad 1007 a text ends in the middle of a character\n";

// The result of the frame that is whole now, on one line.
std::string shown(const MessageParser& parser, Result what) {
    const std::string payload(parser.payload());
    switch (what) {
        case Result::fragment:
            return "fragment " + payload + "\n";
        case Result::message:
            return (parser.is_text() ? "text " : "binary ") + std::string(parser.message()) +
                   (parser.message().ends_with(payload) ? "\n" : " which is not of its frame\n");
        case Result::ping:
            return "ping " + payload + "\n";
        case Result::pong:
            return "pong " + payload + "\n";
        case Result::close: {
            const Close& close = parser.close();
            return "close " + (close.code ? std::to_string(*close.code) + " " : "") + close.reason +
                   "\n";
        }
        case Result::bad:
            return "bad " + std::to_string(parser.error().code) + " " + parser.error().text + "\n";
        case Result::need_more:
            break;
    }
    return "";
}

// The results of `pieces`, a line each, up to a close frame or a failure.
std::string events(const std::vector<std::string_view>& pieces, Role peer, std::size_t max) {
    MessageParser parser(peer, max);
    std::string text;
    for (std::string_view piece : pieces) {
        Result what{};
        while ((what = parser.parse(piece)) != Result::need_more) {
            text += shown(parser, what);
            if (what == Result::close || what == Result::bad) return text;
        }
        if (!piece.empty()) return text + "not all was taken\n";
    }
    return text;
}

void expect_events(std::string_view stream, const std::string& expected, Role peer = Role::client,
                   std::size_t max = kMax, lab::test::Place place = lab::test::Place::here()) {
    for (const auto& pieces : lab::test::all_cuts(stream)) {
        expect_bytes(
            expected, events(pieces, peer, max),
            "of " + lab::visible(stream) + " in " + std::to_string(pieces.size()) + " pieces",
            place);
    }
}

// How many bytes the parser takes, one by one, until it refuses: 0 if it never does.
std::size_t refused_at(const std::string& stream, std::size_t max = kMax) {
    MessageParser parser(Role::client, max);
    for (std::size_t at = 0; at < stream.size(); ++at) {
        std::string_view byte = std::string_view(stream).substr(at, 1);
        if (parser.parse(byte) == Result::bad) return at + 1;
    }
    return 0;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("messages of every size and role arrive however they are cut") {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 70000U}) {
        const std::string payload(size, 'x');
        const std::string fragment = "fragment " + payload + "\n";
        const std::string both = "text " + std::string(2 * size, 'x') + "\n";
        for (const Role peer : {Role::client, Role::server}) {
            const bool masked = peer == Role::client;
            expect_events(raw_frame(0x81, payload, masked), "text " + payload + "\n", peer);
            expect_events(raw_frame(0x82, payload, masked), "binary " + payload + "\n", peer);
            expect_events(raw_frame(0x01, payload, masked) + raw_frame(0x80, payload, masked),
                          fragment + both, peer);
        }
    }
}

TEST_CASE("a message is put together from its fragments") {
    expect_events(from_server(0x01, "Hel") + from_server(0x80, "lo"), "fragment Hel\ntext Hello\n",
                  Role::server);
    expect_events(from_client(0x02, "") + from_client(0x00, "a") + from_client(0x00, "") +
                      from_client(0x80, "") + from_client(0x81, "b"),
                  "fragment \nfragment a\nfragment \nbinary a\ntext b\n");
    // Binary data may be anything, and leaves the check of the next text alone.
    expect_events(from_client(0x02, "\xff") + from_client(0x80, "\xd0") + from_client(0x81, "п"),
                  "fragment \xff\nbinary \xff\xd0\ntext п\n");
}

TEST_CASE("control frames come between the fragments of a message and leave it alone") {
    const std::string longest(125, 'p');
    expect_events(from_client(0x01, "Hel") + from_client(0x89, "") + from_client(0x8A, longest) +
                      from_client(0x00, "l") + from_client(0x89, "\xff") + from_client(0x80, "o"),
                  "fragment Hel\nping \npong " + longest + "\nfragment l\nping \xff\ntext Hello\n");
    // The fragments may cut a character too.
    expect_events(from_client(0x01, "\xf0\x9f") + from_client(0x89, "\x91") +
                      from_client(0x00, "\x91") + from_client(0x8A, "") + from_client(0x80, "\x8b"),
                  "fragment \xf0\x9f\nping \x91\nfragment \x91\npong \ntext 👋\n");
    expect_events(from_client(0x01, "a") + from_client(0x88, raw_close(1000)),
                  "fragment a\nclose 1000 \n");
}

TEST_CASE("frames out of their order are refused by their header alone") {
    const std::string continues = "bad 1002 a continuation frame continues nothing\n";
    const std::string begins = "bad 1002 a message begins before the last one has ended\n";
    expect_events(from_client(0x80, "a"), continues);
    expect_events(from_client(0x00, "a"), continues);
    expect_events(from_client(0x81, "a") + from_client(0x80, "b"), "text a\n" + continues);
    expect_events(from_client(0x01, "a") + from_client(0x81, "b"), "fragment a\n" + begins);
    expect_events(from_client(0x02, "a") + from_client(0x02, "b"), "fragment a\n" + begins);
    expect_events(from_client(0x01, "a") + from_client(0x80, "b") + from_client(0x80, "c"),
                  "fragment a\ntext ab\n" + continues);
    CHECK(refused_at(from_client(0x80, "abc")) == 6);
    // And what the header parser refuses is refused here.
    expect_events(from_client(0x81, "a") + "\xc1",
                  "text a\nbad 1002 a reserved bit is set, and no extension was agreed to\n");
}

TEST_CASE("a message may be as long as the limit and no longer") {
    const std::string too_long = "bad 1009 a message is longer than 10 bytes\n";
    const std::string ten = "1234567890";
    const auto expect = [](const std::string& stream, const std::string& expected) {
        expect_events(stream, expected, Role::client, 10);
    };
    expect(from_client(0x81, ten) + from_client(0x82, ten),
           "text " + ten + "\nbinary " + ten + "\n");
    expect(from_client(0x81, ten + "1"), too_long);
    expect(from_client(0x01, "12345") + from_client(0x80, "67890"),
           "fragment 12345\ntext " + ten + "\n");
    expect(from_client(0x01, "12345") + from_client(0x80, "678901"), "fragment 12345\n" + too_long);
    expect(from_client(0x01, ten) + from_client(0x00, "") + from_client(0x80, "1"),
           "fragment " + ten + "\nfragment \n" + too_long);
    // A control frame is no part of a message.
    expect(from_client(0x01, ten) + from_client(0x89, ten + ten) + from_client(0x80, ""),
           "fragment " + ten + "\nping " + ten + ten + "\ntext " + ten + "\n");
    CHECK(refused_at(from_client(0x81, ten + "1"), 10) == 6);
    expect_events(from_client(0x81, "") + from_client(0x82, "1"),
                  "text \nbad 1009 a message is longer than 0 bytes\n", Role::client, 0);
}

TEST_CASE("bytes that are only announced are refused by the header and take no memory") {
    for (const char* length :
         {"00 00 01 00 00 00 00 00", "40 00 00 00 00 00 00 00", "7f ff ff ff ff ff ff ff"}) {
        const std::string header = from_hex("82 ff "s + length + " 37 fa 21 3d");
        CHECK(refused_at(header) == header.size());
        expect_events(header, "bad 1009 a message is longer than 1048576 bytes\n");
        // And if they were allowed, only what comes would be kept: nobody has 2^40 bytes.
        MessageParser parser(Role::client, ~std::size_t{0});
        const std::string some = header + "some";
        std::string_view input = some;
        CHECK(parser.parse(input) == Result::need_more);
        CHECK(parser.message().size() == 4);
    }
    // A fragment must not overflow the sum.
    expect_events(from_client(0x02, "a") + from_hex("80 ff 7f ff ff ff ff ff ff ff 00 00 00 00"),
                  "fragment a\nbad 1009 a message is longer than 1048576 bytes\n");
}

TEST_CASE("a text that is not UTF-8 is refused at the first byte that cannot be right") {
    // In the first fragment and in a later one: 6 bytes are the header of each.
    CHECK(refused_at(from_client(0x81,
                                 "abc\xff"
                                 "d")) == 6 + 4);
    CHECK(refused_at(from_client(0x01, "ab\xed") + from_client(0x80, "\xa0\x80")) == 6 + 3 + 6 + 1);
    expect_events(from_client(0x81, "abc\xff"), kNotText);
    expect_events(from_client(0x81, "ok") + from_client(0x81, "\xed\xa0\x80"),
                  "text ok\n" + kNotText);
    expect_events(from_client(0x01, "\xd0") + from_client(0x80, "x"), "fragment \xd0\n" + kNotText);
    expect_events(from_client(0x01, "\xd0") + from_client(0x89, "") + from_client(0x80, "\xd0"),
                  "fragment \xd0\nping \n" + kNotText);
}

TEST_CASE("a text that ends within a character is refused at its end") {
    expect_events(from_client(0x81, "a\xd0"), kCutText);
    expect_events(from_client(0x01, "\xe2\x82") + from_client(0x80, ""),
                  "fragment \xe2\x82\n" + kCutText);
    expect_events(from_client(0x01, "\xd0") + from_client(0x80, "\xbf\xf0\x9f\x91"),
                  "fragment \xd0\n" + kCutText);
}

TEST_CASE("close codes are those that the RFC and its registry let an endpoint send") {
    for (int code = 0; code <= 0xFFFF; ++code) {
        const bool defined = code == 1000 || code == 1001 || code == 1002 || code == 1003 ||
                             (code >= 1007 && code <= 1014);
        const bool allowed = defined || (code >= 3000 && code <= 4999);
        const std::string number = std::to_string(code);
        CHECK_MESSAGE(may_be_sent(static_cast<std::uint16_t>(code)) == allowed, number);
        const std::string expected =
            allowed ? "close " + number + " why\n"
                    : "bad 1002 close code " + number + " must not be sent in a close frame\n";
        const std::string frame = from_client(0x88, raw_close(code, "why"));
        expect_bytes(expected, events({frame}, Role::client, kMax), "RFC 6455, section 7.4");
    }
}

TEST_CASE("a close frame is read however it is cut and nothing after it") {
    const std::string half = "bad 1002 a close frame has half a code\n";
    const std::string reason = "bad 1007 the reason of a close frame is not UTF-8\n";
    const std::string cut =
        "bad 1007 the reason of a close frame ends in the middle of a character\n";
    const std::string longest(123, 'x');
    expect_events(from_client(0x88, "") + from_client(0x81, "a"), "close \n");
    expect_events(from_client(0x88, raw_close(1000)) + "\xff\xff", "close 1000 \n");
    expect_events(from_server(0x88, raw_close(4999, "пока 👋")), "close 4999 пока 👋\n",
                  Role::server);
    expect_events(from_client(0x88, raw_close(3000, longest)), "close 3000 " + longest + "\n");
    expect_events(from_client(0x88, "\x03"), half);
    expect_events(from_client(0x88, "\xff"), half);
    expect_events(from_client(0x88, raw_close(1000,
                                              "a\xff"
                                              "b")),
                  reason);
    expect_events(from_client(0x88, raw_close(1000, "\xed\xa0\x80")), reason);
    expect_events(from_client(0x88, raw_close(1000, "a\xd0")), cut);
    expect_events(from_client(0x88, raw_close(999, "\xff")),
                  "bad 1002 close code 999 must not be sent in a close frame\n");
    // The code is refused with its second byte, the reason with its first bad one.
    CHECK(refused_at(from_client(0x88, raw_close(999, "why"))) == 6 + 2);
    CHECK(refused_at(from_client(0x88, raw_close(1000,
                                                 "a\xff"
                                                 "b"))) == 6 + 4);
}

TEST_CASE("a close frame's payload is read back as it was written") {
    CHECK(words_of(close_of(close_payload(1001, "до завтра"))) == "1001, до завтра");
    CHECK(words_of(close_of(close_payload(4999, ""))) == "4999");
    CHECK(words_of(close_of("")) == "no code");
    CHECK(words_of(close_of("\x03")) == "no code");
}

TEST_CASE("the reason of a close frame is cut to fit and never within a character") {
    const auto reason_of = [](const std::string& reason) {
        return close_payload(1002, reason).substr(2);
    };
    expect_bytes("\x03\xea", close_payload(1002, ""), "the code in network byte order");
    expect_bytes("\x13\x87why", close_payload(4999, "why"), "and the reason behind it");
    const std::string fill(120, 'x');
    CHECK(reason_of(fill + "abc") == fill + "abc");
    CHECK(reason_of(fill + "abcd") == fill + "abc");
    CHECK(reason_of(fill + "aп") == fill + "aп");
    CHECK(reason_of(fill + "abп") == fill + "ab");
    CHECK(reason_of(fill + "€a") == fill + "€");
    CHECK(reason_of(fill + "a€") == fill + "a");
    CHECK(reason_of(fill + "ab€") == fill + "ab");
    CHECK(reason_of(fill + "👋") == fill);
    CHECK(reason_of(fill + "ab👋") == fill + "ab");
    CHECK(reason_of(fill + "abc👋") == fill + "abc");
}

TEST_SUITE_END();
