// Unit tests of 04_handshake's frames: their headers, and masking.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "04_handshake/frame.hpp"
#include "04_handshake/frame_fields.hpp"
#include "tests/04_handshake/support/raw_frames.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using namespace websocket;
using lab::test::expect_bytes;
using lab::test::from_hex;
using lab::test::kMaskingKey;
using lab::test::raw_frame;
using Result = FrameHeaderParser::Result;

namespace {

// What the parser makes of `pieces`: the fields of the header, and the bytes behind it; or why it
// is refused.
std::string decode(const std::vector<std::string_view>& pieces, Role peer) {
    FrameHeaderParser parser(peer);
    Result result = Result::need_more;
    std::string rest;
    for (std::string_view piece : pieces) {
        if (result == Result::need_more) result = parser.parse(piece);
        if (result == Result::bad)
            return std::to_string(parser.error().code) + " " + parser.error().text;
        if (result == Result::need_more && !piece.empty()) return "not all was taken";
        rest += piece;
    }
    if (result == Result::need_more) return "need more";
    const FrameHeader& header = parser.header();
    const auto& key = header.masking_key;
    return (header.fin ? "last " : "more ") + name_of(header.opcode) + " " +
           std::to_string(header.length) + " " +
           (key ? hexadecimal({reinterpret_cast<const char*>(key->data()), key->size()}, "")
                : "unmasked") +
           " " + rest;
}

void expect_decoded(std::string_view hex, Role peer, const std::string& expected,
                    lab::test::Place place = lab::test::Place::here()) {
    const std::string stream = from_hex(hex);
    for (const auto& pieces : lab::test::all_cuts(stream)) {
        expect_bytes(expected, decode(pieces, peer),
                     "of " + std::string(hex) + " in " + std::to_string(pieces.size()) + " pieces",
                     place);
    }
}

// How many bytes the parser takes, one by one, until it refuses: 0 if it never does.
std::size_t refused_at(const std::string& stream, Role peer) {
    FrameHeaderParser parser(peer);
    for (std::size_t at = 0; at < stream.size(); ++at) {
        std::string_view byte = std::string_view(stream).substr(at, 1);
        if (parser.parse(byte) == Result::bad) return at + 1;
    }
    return 0;
}

// Bytes that differ from their neighbours and from those 256 further on.
std::string some_bytes(std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 7 + i / 256);
    return bytes;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the examples of RFC 6455 section 5.7 are decoded however they are cut") {
    expect_decoded("81 05 48 65 6c 6c 6f", Role::server, "last text 5 unmasked Hello");
    expect_decoded("81 85 37 fa 21 3d 7f 9f 4d 51 58", Role::client,
                   "last text 5 37fa213d " + from_hex("7f 9f 4d 51 58"));
    expect_decoded("01 03 48 65 6c", Role::server, "more text 3 unmasked Hel");
    expect_decoded("80 02 6c 6f", Role::server, "last continuation 2 unmasked lo");
    expect_decoded("89 05 48 65 6c 6c 6f", Role::server, "last ping 5 unmasked Hello");
    expect_decoded("8a 85 37 fa 21 3d 7f 9f 4d 51 58", Role::client,
                   "last pong 5 37fa213d " + from_hex("7f 9f 4d 51 58"));
    expect_decoded("82 7e 01 00", Role::server, "last binary 256 unmasked ");
    expect_decoded("82 7f 00 00 00 00 00 01 00 00", Role::server, "last binary 65536 unmasked ");
}

TEST_CASE("a header is decoded for each size and role however it is cut") {
    const std::vector<std::pair<std::string, std::string>> sizes{
        {"00", "0"},
        {"01", "1"},
        {"7d", "125"},
        {"7e 00 7e", "126"},
        {"7e 00 7f", "127"},
        {"7e ff ff", "65535"},
        {"7f 00 00 00 00 00 01 00 00", "65536"},
        {"7f 00 00 00 00 00 01 11 70", "70000"},
        {"7f 00 00 01 00 00 00 00 00", "1099511627776"},
        {"7f 7f ff ff ff ff ff ff ff", "9223372036854775807"},
    };
    for (const auto& [hex, size] : sizes) {
        expect_decoded("02" + hex, Role::server, "more binary " + size + " unmasked ");
        std::string masked = from_hex("80" + hex);
        masked[1] = static_cast<char>(masked[1] | 0x80);
        masked += from_hex("00 ff 0a 80");
        expect_decoded(hexadecimal(masked), Role::client,
                       "last continuation " + size + " 00ff0a80 ");
    }
    expect_decoded("88 00", Role::server, "last close 0 unmasked ");
    expect_decoded("89 7d", Role::server, "last ping 125 unmasked ");
    for (const char* hex : {"", "81", "81 7e 01", "81 7f 00 00 00 00 00 01 00"})
        expect_decoded(hex, Role::server, "need more");
    expect_decoded("81 80 37 fa 21", Role::client, "need more");
}

TEST_CASE("one decoder reads header after header and keeps nothing of the last one") {
    const std::string client =
        from_hex("01 ff 00 00 00 00 00 01 00 00 37 fa 21 3d  80 80 01 02 03 04");
    FrameHeaderParser parser(Role::client);
    std::string_view input = client;
    REQUIRE(parser.parse(input) == Result::header);
    REQUIRE(parser.parse(input) == Result::header);
    CHECK(parser.header().fin);
    CHECK(parser.header().opcode == Opcode::continuation);
    CHECK(parser.header().length == 0);
    CHECK(parser.header().masking_key == MaskingKey{1, 2, 3, 4});
    CHECK(parser.parse(input) == Result::need_more);

    const std::string server = from_hex("81 7e 01 00  02 05");
    FrameHeaderParser other(Role::server);
    input = server;
    REQUIRE(other.parse(input) == Result::header);
    REQUIRE(other.parse(input) == Result::header);
    CHECK_FALSE(other.header().fin);
    CHECK(other.header().length == 5);
    CHECK_FALSE(other.header().masking_key.has_value());
}

TEST_CASE("a header that breaks a rule is refused at the byte that shows it") {
    struct Case {
        std::string hex;
        Role peer;
        std::size_t at;
        std::string text;
    };
    const std::string reserved = "a reserved bit is set, and no extension was agreed to";
    const std::string control = "a control frame is longer than 125 bytes";
    const std::string shortest = "a length is not in its shortest form";
    std::vector<Case> cases{
        {"c1 05", Role::server, 1, reserved},
        {"a1 05", Role::server, 1, reserved},
        {"91 05", Role::server, 1, reserved},
        {"f1 05", Role::server, 1, reserved},
        {"08 00", Role::server, 1, "a control frame is fragmented"},
        {"09 00", Role::server, 1, "a control frame is fragmented"},
        {"0a 00", Role::server, 1, "a control frame is fragmented"},
        {"88 7e 00 7e", Role::server, 2, control},
        {"89 7e 00 7e", Role::server, 2, control},
        {"8a 7f 00 00 00 00 00 01 00 00", Role::server, 2, control},
        {"89 fe 00 7e 00 00 00 00", Role::client, 2, control},
        {"81 05", Role::client, 2, "a frame from a client is not masked"},
        {"88 00", Role::client, 2, "a frame from a client is not masked"},
        {"81 85 37 fa 21 3d", Role::server, 2, "a frame from a server is masked"},
        {"81 7e 00 00", Role::server, 4, shortest},
        {"81 7e 00 7d", Role::server, 4, shortest},
        {"81 7f 00 00 00 00 00 00 00 05", Role::server, 10, shortest},
        {"81 7f 00 00 00 00 00 00 ff ff", Role::server, 10, shortest},
        {"81 fe 00 7d 37 fa 21 3d", Role::client, 8, shortest},
        {"81 7f 80 00 00 00 00 00 00 00", Role::server, 10, "the top bit of a length is set"},
        {"81 7f ff ff ff ff ff ff ff ff", Role::server, 10, "the top bit of a length is set"},
    };
    for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
        for (const int fin : {0x00, 0x80}) {
            cases.push_back({hexadecimal(std::string{static_cast<char>(fin | opcode), '\0'}),
                             Role::server, 1, "opcode " + std::to_string(opcode) + " is reserved"});
        }
    }
    for (const Case& c : cases) {
        expect_decoded(c.hex, c.peer, "1002 " + c.text);
        CHECK(refused_at(from_hex(c.hex), c.peer) == c.at);
    }
}

TEST_CASE("a header is encoded to the bytes that it was decoded from") {
    for (const char* length : {"00", "7d", "7e 00 7e", "7e 00 7f", "7e ff ff",
                               "7f 00 00 00 00 00 01 00 00", "7f 40 00 00 00 00 00 00 00"}) {
        for (const char* first : {"00", "01", "02", "80", "81", "82"}) {
            const std::string plain = from_hex(std::string(first) + length);
            std::string masked = plain + from_hex("37 fa 21 3d");
            masked[1] = static_cast<char>(masked[1] | 0x80);
            for (const auto& [sender, bytes] :
                 {std::pair{Role::server, plain}, std::pair{Role::client, masked}}) {
                std::string_view input = bytes;
                FrameHeaderParser parser(sender);
                REQUIRE(parser.parse(input) == Result::header);
                expect_bytes(bytes, encode(parser.header()), "RFC 6455, section 5.2");
            }
        }
    }
}

TEST_CASE("masking in pieces at every offset gives what masking at once gives") {
    const MaskingKey key = kMaskingKey;
    const std::string plain = some_bytes(100);
    std::string masked = plain;
    for (std::size_t i = 0; i < masked.size(); ++i)
        masked[i] = static_cast<char>(masked[i] ^ key[i % 4]);
    for (std::size_t first = 0; first <= 17; ++first) {
        for (std::size_t second = 0; second <= 17; ++second) {
            std::string bytes = plain;
            mask(bytes.data(), first, key);
            mask(bytes.data() + first, second, key, first);
            mask(bytes.data() + first + second, bytes.size() - first - second, key, first + second);
            expect_bytes(masked, bytes, "byte i is combined with byte i % 4 of the key");
            mask(bytes.data(), bytes.size(), key);
            expect_bytes(plain, bytes, "masking twice gives the payload back");
        }
    }
    // Far into a long payload, and never a byte beside what was given.
    std::string bytes(12, '\0');
    mask(bytes.data() + 1, 10, key, (1ULL << 62) + 3);
    expect_bytes(from_hex("00 3d37fa21 3d37fa21 3d37 00"), bytes, "offsets have 64 bits");
}

TEST_CASE("a frame is appended as its receiver wants it") {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 70000U}) {
        const std::string payload = some_bytes(size);
        std::string out = "before";
        append_frame(out, Role::server, Opcode::binary, payload);
        expect_bytes("before" + raw_frame(0x82, payload, false), out, "from a server");

        out.clear();
        append_frame(out, Role::client, Opcode::text, payload);
        std::string_view input = out;
        FrameHeaderParser parser(Role::client);
        REQUIRE(parser.parse(input) == Result::header);
        std::string unmasked(input);
        mask(unmasked.data(), unmasked.size(), parser.header().masking_key.value_or(MaskingKey{}));
        expect_bytes(payload, unmasked, "masked with the key in its header");
        CHECK(parser.header().length == size);
        CHECK(parser.header().opcode == Opcode::text);
        CHECK(parser.header().fin);
    }
}

TEST_CASE("each frame of a client is masked with a key of its own") {
    std::set<std::string> frames;
    for (int i = 0; i < 100; ++i) {
        std::string out;
        append_frame(out, Role::client, Opcode::ping, "");
        CHECK(out.substr(0, 2) == from_hex("89 80"));
        frames.insert(out);
    }
    CHECK(frames.size() > 90);  // of 2^32 keys two may be the same once in a blue moon
}

TEST_SUITE_END();
