// The contract of the server of 04_handshake: frames, right ones and wrong ones.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "04_handshake";

// About each change of the length's form, and the empty message.
const std::vector<std::size_t> kSizes{0, 1, 2, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537};

// Each frame is a failure with 1002, alone and after a good message, which is still echoed.
void expect_protocol_error(const Server& server, const std::vector<Frame>& frames,
                           const std::string& hint, Place place = Place::here()) {
    for (const Frame& frame : frames) {
        const std::string what = hint + "; opcode " + std::to_string(frame.opcode) + ", reserved " +
                                 std::to_string(frame.reserved) + ", payload of " +
                                 std::to_string(frame.payload.size());
        expect_failure(server, bytes_of(frame), 1002, what, place);
        WebSocket client(server, "/", 0, place);
        client.send_bytes(
            bytes_of({.payload = "before"}) + bytes_of(frame) + bytes_of({.payload = "after"}),
            place);
        client.expect(kText, "before", "the frames before the wrong one are good", place);
        client.expect_close(1002, what + "; nothing after it is read", place);
    }
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("server echoes messages of each length about a change of the length's form") {
    const Server server(kStep);
    WebSocket client(server);
    for (const std::size_t size : kSizes) {
        for (const int opcode : {kText, kBinary})
            client.expect_echo(opcode, text_of(size), "a message of " + std::to_string(size));
    }
}

TEST_CASE("server takes a frame byte by byte") {
    const Server server(kStep);
    WebSocket client(server);
    for (const std::size_t size : {0U, 1U, 5U, 130U}) {
        client.send_in_pieces(bytes_of({.payload = text_of(size)}), 1);
        client.expect(kText, text_of(size), "gather until the frame is whole");
    }
    const std::string large = text_of(65536);
    const std::string bytes = bytes_of({.opcode = kBinary, .payload = large});
    client.send_in_pieces(bytes.substr(0, 40), 1);
    client.send_in_pieces(bytes.substr(40), 1, 0ms);
    client.expect(kBinary, large, "the key goes on where the last piece has ended");
}

TEST_CASE("server takes a frame in two pieces wherever it is cut") {
    const Server server(kStep);
    WebSocket client(server);
    const std::string payload = text_of(140);
    const std::string bytes = bytes_of({.payload = payload});
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        client.send_in_pieces(bytes, cut);
        client.expect(kText, payload, "cut after byte " + std::to_string(cut));
    }
}

TEST_CASE("server takes frames in pieces of 997 bytes") {
    const Server server(kStep);
    WebSocket client(server);
    std::string bytes;
    for (const std::size_t size : kSizes) bytes += bytes_of({.payload = text_of(size)});
    client.send_in_pieces(bytes, 997, 0ms);
    const std::string hint = "a segment may hold the end of one and another's begin";
    for (const std::size_t size : kSizes) client.expect(kText, text_of(size), hint);
}

TEST_CASE("server takes many frames in one segment and answers in order") {
    const Server server(kStep);
    WebSocket client(server);
    std::string bytes;
    for (int i = 0; i < 2000; ++i) bytes += bytes_of({.payload = std::to_string(i)});
    client.send_bytes(bytes);
    for (int i = 0; i < 2000; ++i)
        client.expect(kText, std::to_string(i), "decode all that has come before the next recv");
}

TEST_CASE("server unmasks with any key") {
    const Server server(kStep);
    WebSocket client(server);
    using Bytes = std::array<unsigned char, 4>;
    for (const Bytes& key : {Bytes{0, 0, 0, 0}, Bytes{255, 255, 255, 255}, Bytes{1, 0, 0, 0},
                             Bytes{0, 0, 0, 128}, Bytes{'h', 'e', 'l', 'l'}}) {
        for (std::size_t size = 0; size < 20; ++size) {
            client.send({.payload = text_of(size), .key = key});
            client.expect(kText, text_of(size), "byte i of the payload XOR byte i % 4 of the key");
        }
    }
}

TEST_CASE("server answers pings of any length with the same payload") {
    const Server server(kStep);
    WebSocket client(server);
    for (const std::string& payload :
         {std::string(), text_of(1), std::string("\x00\xff\xfe\x80", 4), text_of(125)}) {
        client.send({.opcode = kPing, .payload = payload});
        client.expect(kPong, payload, "up to 125 bytes of any value");
        client.send_in_pieces(bytes_of({.opcode = kPing, .payload = payload}), 1);
        client.expect(kPong, payload, "the same when it comes byte by byte");
    }
}

TEST_CASE("server answers ten pings in one segment") {
    const Server server(kStep);
    WebSocket client(server);
    std::string bytes;
    for (int i = 0; i < 10; ++i) bytes += bytes_of({.opcode = kPing, .payload = std::to_string(i)});
    client.send_bytes(bytes);
    // RFC 6455, 5.5.3: the last one has to be answered, the earlier ones may be left out.
    const std::string hint = "pongs in the order of the pings";
    for (int last = -1; last < 9;) {
        const WebSocket::Arrived pong = client.receive(hint);
        const int number = pong.payload.size() == 1 ? pong.payload[0] - '0' : -1;
        if (pong.opcode != kPong || number <= last) fail("a pong", pong.payload, hint);
        last = number;
    }
    client.expect_echo(kText, "hello", "one pong for a ping");
}

TEST_CASE("server is silent about pongs that it has not asked for") {
    const Server server(kStep);
    WebSocket client(server);
    for (const std::string payload : {"", "unasked"}) {
        client.send({.opcode = kPong, .payload = payload});
        client.send({.opcode = kPing, .payload = "now"});
        client.expect(kPong, "now", "a pong is not answered: RFC 6455, 5.5.3");
    }
}

TEST_CASE("server refuses a frame that is not masked") {
    const Server server(kStep);
    expect_protocol_error(server,
                          {{.payload = "hello", .masked = false},
                           {.payload = "", .masked = false},
                           {.opcode = kBinary, .payload = text_of(70'000), .masked = false},
                           {.opcode = kPing, .payload = "", .masked = false},
                           {.opcode = kClose, .payload = close_payload(1000), .masked = false}},
                          "RFC 6455, 5.1: a client masks every frame");
}

TEST_CASE("server refuses reserved bits") {
    const Server server(kStep);
    std::vector<Frame> frames;
    for (int bits = 1; bits < 8; ++bits) frames.push_back({.payload = "hi", .reserved = bits});
    for (const int opcode : {kBinary, kPing, kPong, kClose})
        frames.push_back({.opcode = opcode, .payload = "", .reserved = 4});
    expect_protocol_error(server, frames, "RFC 6455, 5.2: no extension was agreed to");
}

TEST_CASE("server refuses reserved opcodes") {
    const Server server(kStep);
    std::vector<Frame> frames;
    for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
        frames.push_back({.opcode = opcode, .payload = ""});
        frames.push_back({.opcode = opcode, .payload = "hello"});
    }
    expect_protocol_error(server, frames, "RFC 6455, 5.2: they mean nothing yet");
}

TEST_CASE("server refuses a control frame over 125 bytes") {
    const Server server(kStep);
    std::vector<Frame> frames;
    for (const int opcode : {kPing, kPong}) {
        for (const std::size_t size : {126U, 127U, 70'000U})
            frames.push_back({.opcode = opcode, .payload = text_of(size)});
        frames.push_back({.opcode = opcode, .payload = "short", .length_bytes = 2});
    }
    frames.push_back({.opcode = kClose, .payload = close_payload(1000, text_of(124))});
    expect_protocol_error(server, frames, "RFC 6455, 5.5: a control frame is short");
}

TEST_CASE("server refuses a control frame in fragments") {
    const Server server(kStep);
    expect_protocol_error(server,
                          {{.opcode = kPing, .payload = "part", .fin = false},
                           {.opcode = kPong, .payload = "", .fin = false},
                           {.opcode = kClose, .payload = close_payload(1000), .fin = false}},
                          "RFC 6455, 5.5: a control frame is whole");
}

TEST_CASE("server refuses a length that is not in its shortest form") {
    const Server server(kStep);
    std::vector<Frame> frames;
    for (const std::size_t size : {0U, 1U, 124U, 125U})
        frames.push_back({.payload = text_of(size), .length_bytes = 2});
    for (const std::size_t size : {0U, 125U, 126U, 65534U, 65535U})
        frames.push_back({.opcode = kBinary, .payload = text_of(size), .length_bytes = 8});
    expect_protocol_error(server, frames, "RFC 6455, 5.2: the least number of bytes");
}

TEST_CASE("server refuses a length with the top bit set") {
    const Server server(kStep);
    std::vector<Frame> frames;
    for (const std::uint64_t length : {std::uint64_t{1} << 63, (std::uint64_t{1} << 63) + 5,
                                       ~std::uint64_t{0}, ~std::uint64_t{0} - 13})
        frames.push_back({.payload = "hello", .announced = length});
    expect_protocol_error(server, frames, "RFC 6455, 5.2: the most significant bit is 0");
}

TEST_CASE("server refuses a wrong frame from its first two bytes") {
    const Server server(kStep);
    const std::string hint = "a fault in the first two bytes is known before the payload has come";
    for (const std::string wrong : {"\xc1\x85", "\x83\x85", "\x81\x05", "\x09\x85", "\x89\xfe"})
        expect_failure(server, wrong, 1002, hint);
}

TEST_CASE("server echoes the messages before a close in the same segment and nothing after it") {
    const Server server(kStep);
    WebSocket client(server);
    client.send_bytes(bytes_of({.payload = "before"}) +
                      bytes_of({.opcode = kClose, .payload = close_payload(1000)}) +
                      bytes_of({.payload = "after"}) + bytes_of({.opcode = kPing}) +
                      bytes_of({.opcode = kClose, .payload = close_payload(1000)}) + "\xff\xff");
    client.expect(kText, "before", "answer in order");
    client.expect_close(1000, "close is answered once, and nothing after it is read");
    expect_served(server, "one client's close is its own");
}

TEST_SUITE_END();
