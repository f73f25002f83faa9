// The contract of the server of 04_handshake: text is UTF-8, also while it is still coming.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

// From each range of RFC 3629, section 4, its first and its last; non-characters are characters.
const std::vector<std::string> kGood{std::string(1, '\0'),
                                     "\x7f",
                                     "\xc2\x80",
                                     "\xdf\xbf",
                                     "\xe0\xa0\x80",
                                     "\xe0\xbf\xbf",
                                     "\xe1\x80\x80",
                                     "\xec\xbf\xbf",
                                     "\xed\x80\x80",
                                     "\xed\x9f\xbf",
                                     "\xee\x80\x80",
                                     "\xef\xbf\xbd",
                                     "\xef\xbf\xbe",
                                     "\xef\xbf\xbf",
                                     "\xf0\x90\x80\x80",
                                     "\xf0\xbf\xbf\xbf",
                                     "\xf1\x80\x80\x80",
                                     "\xf3\xbf\xbf\xbf",
                                     "\xf4\x80\x80\x80",
                                     "\xf4\x8f\xbf\xbf",
                                     "\xef\xbb\xbf after a mark",
                                     "Hello-µ@ßöäüàá-UTF-8!!",
                                     "κόσμε",
                                     "Привіт 👋",
                                     "seven bytes and \xe2\x82\xac, then more ASCII"};

// A text, and how many of its bytes may stand in UTF-8: the next one is wrong whatever follows.
struct Bad {
    std::string text;
    std::size_t good;
};

const std::vector<Bad> kBad{{"\x80", 0},  // a later byte without a first one
                            {"\xbf", 0},
                            {"ok \x80", 3},
                            {"eight by\xff", 8},
                            {"\xc2\x80\x80", 2},
                            {"\xc0\xaf", 0},  // more bytes than needed
                            {"\xc1\xbf", 0},
                            {"\xe0\x80\xaf", 1},
                            {"\xe0\x9f\xbf", 1},
                            {"\xf0\x80\x80\xaf", 1},
                            {"\xf0\x8f\xbf\xbf", 1},
                            {"\xed\xa0\x80", 1},  // halves of a surrogate pair
                            {"\xed\xaf\xbf", 1},
                            {"\xed\xbf\xbf", 1},
                            {"\xf4\x90\x80\x80", 1},  // beyond U+10FFFF
                            {"\xf5\x80\x80\x80", 0},
                            {"\xf8\x88\x80\x80\x80", 0},  // five and six bytes
                            {"\xfc\x84\x80\x80\x80\x80", 0},
                            {"\xfe", 0},
                            {"\xff", 0},
                            {"\xc3(", 1},  // a character broken off
                            {"\xe2\x82(", 2},
                            {"\xf0\x9f\x91(", 3},
                            {"\xc3\xc3\xa9", 1},
                            {"\xe2\x82\xe2\x82\xac", 2},
                            {"κόσμε\xed\xa0\x80"
                             "edited",
                             11}};

std::string first_part(const std::string& text) {
    return bytes_of({.payload = text, .fin = false});
}

std::string rest(const std::string& text, bool fin = true) {
    return bytes_of({.opcode = kContinuation, .payload = text, .fin = fin});
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("server echoes every kind of character in one frame and split over fragments") {
    const Server server(kStep);
    WebSocket client(server);
    for (const std::string& text : kGood) {
        client.expect_echo(kText, text, "RFC 3629, section 4");
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            client.send_bytes(first_part(text.substr(0, cut)) + rest(text.substr(cut)));
            client.expect(kText, text, "a fragment may end in the middle of a character");
        }
    }
}

TEST_CASE("server echoes every kind of character that comes byte by byte") {
    const Server server(kStep);
    WebSocket client(server);
    for (const std::string& text : kGood) {
        client.send_in_pieces(bytes_of({.payload = text}), 1);
        client.expect(kText, text, "a segment may end in the middle of a character");
        std::string bytes = first_part("");
        for (const char byte : text) bytes += rest({byte}, false);
        client.send_bytes(bytes + rest(""));
        client.expect(kText, text, "a fragment may end in the middle of a character");
    }
}

TEST_CASE("server refuses text that is not UTF-8 in one frame and in fragments") {
    const Server server(kStep);
    for (const Bad& bad : kBad) {
        const std::string hint =
            "RFC 6455, 8.1, and RFC 3629: bad from byte " + std::to_string(bad.good + 1) + " on";
        expect_failure(server, bytes_of({.payload = bad.text}), 1007, hint);
        std::string bytes = first_part("");
        for (const char byte : bad.text) bytes += rest({byte}, false);
        expect_failure(server, bytes + rest(""), 1007, hint);
    }
}

TEST_CASE("server refuses text at its first bad byte before the message is whole") {
    const Server server(kStep);
    for (const Bad& bad : kBad) {
        // More is announced, and never comes: neither of this frame nor of the message.
        const std::string bytes = bytes_of({.opcode = kContinuation,
                                            .payload = bad.text.substr(0, bad.good + 1),
                                            .fin = false,
                                            .announced = bad.text.size() + 100});
        WebSocket client(server);
        client.send_bytes(first_part("é ") + bytes.substr(0, bytes.size() - 1));
        if (client.connection().wait_for_bytes(std::chrono::milliseconds(2)))
            fail("silence", "bytes", "the bytes so far may be the beginning of a UTF-8 sequence");
        client.send_bytes(bytes.substr(bytes.size() - 1));
        client.expect_close(1007, "check each piece as it comes; keep the state in between");
    }
    expect_served(server, "only the client that broke the rules is sent away");
}

TEST_CASE("server refuses text that ends in the middle of a character") {
    const Server server(kStep);
    const std::string hint = "when the message is whole so must be its last character";
    for (const std::string text : {"\xc3", "\xe2\x82", "\xf0\x9f\x91", "ok \xf0", "κόσμ\xce"}) {
        expect_failure(server, bytes_of({.payload = text}), 1007, hint);
        expect_failure(server, first_part(text) + rest(""), 1007, hint);
    }
}

TEST_CASE("server lets binary messages and pings be whatever they are") {
    const Server server(kStep);
    WebSocket client(server);
    for (const Bad& bad : kBad) client.expect_echo(kBinary, bad.text, "opcode 2 is not text");
    client.send_bytes(first_part("\xe2") + bytes_of({.opcode = kPing, .payload = "\xff\x80"}) +
                      rest("\x82\xac"));
    client.expect(kPong, "\xff\x80", "the payload of a ping is not text");
    client.expect(kText, "€", "a ping does not touch the text that it comes between");
}

TEST_SUITE_END();
