// The contract of the server of 04_handshake: fragments, and the close.
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

std::string bytes_of_all(const std::vector<Frame>& frames) {
    std::string bytes;
    for (const Frame& frame : frames) bytes += bytes_of(frame);
    return bytes;
}

// Frames that begin with good ones: the connection fails with 1002.
void expect_protocol_error(const Server& server, const std::vector<Frame>& frames,
                           const std::string& hint, Place place = Place::here()) {
    expect_failure(server, bytes_of_all(frames), 1002, hint, place);
}

Frame part(int opcode, const std::string& payload) {
    return {.opcode = opcode, .payload = payload, .fin = false};
}

Frame last(const std::string& payload) {
    return {.opcode = kContinuation, .payload = payload};
}

Frame close_frame(int code, const std::string& reason = "") {
    return {.opcode = kClose, .payload = close_payload(code, reason)};
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("server puts a message together from fragments") {
    const Server server(kStep);
    WebSocket client(server);
    const std::string hint = "gather the payloads until FIN; the first frame says the opcode";
    for (const int opcode : {kText, kBinary}) {
        client.send_bytes(bytes_of_all({part(opcode, "frag"), last("ment")}));
        client.expect(opcode, "fragment", hint);
        client.send(part(opcode, "one "));
        client.send(part(kContinuation, "two "));
        client.send(last("three"));
        client.expect(opcode, "one two three", hint);
        client.send_bytes(bytes_of_all({part(opcode, ""), part(kContinuation, ""), last("")}));
        client.expect(opcode, "", "fragments may be empty, and so may all of them");
        client.send_bytes(bytes_of_all({part(opcode, ""), part(kContinuation, "x"), last("")}));
        client.expect(opcode, "x", hint);
        client.expect_echo(opcode, "whole", "after the last fragment a new message begins");
    }
}

TEST_CASE("server takes fragments byte by byte") {
    const Server server(kStep);
    WebSocket client(server);
    client.send_in_pieces(
        bytes_of_all({part(kText, "one "), {.opcode = kPing, .payload = "p"}, last("two")}), 1);
    client.expect(kPong, "p", "a ping between fragments is answered at once");
    client.expect(kText, "one two", "the masking starts again with each frame");
}

TEST_CASE("server answers pings while fragments are under way") {
    const Server server(kStep);
    WebSocket client(server);
    client.send(part(kText, "one "));
    for (int i = 0; i < 5; ++i) {
        const std::string number = "ping " + std::to_string(i);
        client.send({.opcode = kPong, .payload = "unasked"});
        client.send({.opcode = kPing, .payload = number});
        client.expect(kPong, number, "do not wait for the end of the message");
        client.send(part(kContinuation, number + " "));
    }
    client.send(last("end"));
    client.expect(kText, "one ping 0 ping 1 ping 2 ping 3 ping 4 end",
                  "keep the payload of control frames apart from that of the message");
}

TEST_CASE("server echoes a close while fragments are under way") {
    const Server server(kStep);
    WebSocket client(server);
    client.send_bytes(bytes_of_all({part(kText, "never whole"), close_frame(1000), last("late")}));
    client.expect_close(1000, "nothing of the message is echoed, and nothing read after the close");
}

TEST_CASE("server refuses a continuation that continues nothing") {
    const Server server(kStep);
    const std::string hint = "RFC 6455, 5.4: there is no message to be continued";
    expect_protocol_error(server, {last("lone")}, hint);
    expect_protocol_error(server, {part(kContinuation, "lone")}, hint);
    expect_protocol_error(server, {last("")}, hint);
    expect_protocol_error(server, {part(kContinuation, "a"), last("b")}, hint);
    for (const int opcode : {kText, kBinary}) {
        WebSocket client(server);
        client.send_bytes(bytes_of_all({part(opcode, "x"), last("y"), last("z")}));
        client.expect(opcode, "xy", "the message that has ended is good");
        client.expect_close(1002, hint);
        WebSocket other(server);
        other.send_bytes(bytes_of_all({{.opcode = opcode, .payload = "x"}, last("y")}));
        other.expect(opcode, "x", "the message that has ended is good");
        other.expect_close(1002, hint);
    }
}

TEST_CASE("server refuses a message that begins before the last one has ended") {
    const Server server(kStep);
    const std::string hint = "RFC 6455, 5.4: fragments of two messages are not mixed";
    for (const int first : {kText, kBinary}) {
        for (const int second : {kText, kBinary}) {
            const Frame whole{.opcode = second, .payload = "b"};
            expect_protocol_error(server, {part(first, "a"), whole}, hint);
            expect_protocol_error(server, {part(first, "a"), part(second, "b"), last("c")}, hint);
            expect_protocol_error(
                server, {part(first, ""), part(kContinuation, "a"), {.opcode = kPong}, whole},
                hint);
        }
    }
}

TEST_CASE("server echoes each close code that may be sent") {
    const Server server(kStep);
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                           3000, 3999, 4000, 4999}) {
        WebSocket client(server);
        client.send(close_frame(code));
        client.expect_close(code, "RFC 6455, 7.4, and the registry of IANA have this code");
    }
}

TEST_CASE("server refuses each close code that must not be sent") {
    const Server server(kStep);
    for (const int code : {0, 1, 255, 256, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000,
                           2999, 5000, 5001, 10'000, 32'768, 65'535}) {
        expect_protocol_error(server, {close_frame(code)},
                              "RFC 6455, 7.4: " + std::to_string(code) + " is not sent");
        expect_protocol_error(server, {close_frame(code, "with a reason")},
                              "RFC 6455, 7.4: " + std::to_string(code) + " is not sent");
    }
}

TEST_CASE("server takes a close with a reason of up to 123 bytes") {
    const Server server(kStep);
    for (const std::string& reason :
         {std::string("bye"), std::string("до побачення 👋"), text_of(123)}) {
        WebSocket client(server);
        client.send(close_frame(1000, reason));
        client.expect_close(1000, "a reason of UTF-8 follows the code");
    }
}

TEST_CASE("server answers a close without a payload") {
    const Server server(kStep);
    WebSocket client(server);
    client.send({.opcode = kClose});
    const WebSocket::Arrived frame = client.receive("answer with a close frame");
    if (frame.opcode != kClose || (!frame.payload.empty() && frame.payload != close_payload(1000)))
        fail("a close frame without a code, or with 1000", frame.payload, "1005 is never sent");
    client.connection().expect_end("after the close frames the server ends TCP first");
}

TEST_CASE("server takes a close byte by byte") {
    const Server server(kStep);
    WebSocket client(server);
    client.send_in_pieces(bytes_of(close_frame(4321, "до зустрічі")), 1);
    client.expect_close(4321, "gather until the frame is whole");
}

TEST_CASE("server refuses a close with half a code") {
    const Server server(kStep);
    expect_protocol_error(server, {{.opcode = kClose, .payload = "\x03"}}, "RFC 6455, 5.5.1");
}

TEST_CASE("server refuses a close whose reason is not UTF-8") {
    const Server server(kStep);
    const std::string hint = "RFC 6455, 5.5.1 and 8.1: the reason is UTF-8";
    for (const std::string reason :
         {"\xff", "bye \xc3", "\xed\xa0\x80", "\xce\xba\xe1\xbd\xb9\xf4\x90\x80\x80", "\xc0\xaf"}) {
        expect_failure(server, bytes_of(close_frame(1000, reason)), 1007, hint);
    }
}

TEST_CASE("server sends all that waits before it echoes the close and ends the connection") {
    const Server server(kStep);
    for (int i = 0; i < 3; ++i) {
        WebSocket client(server);
        const std::string large = text_of(15 << 20);
        client.send_bytes(bytes_of({.opcode = kBinary, .payload = large}) +
                          bytes_of(close_frame(1000)));
        client.expect(kBinary, large,
                      "send may take only a part: end when all the rest is sent too");
        client.expect_close(1000, "answer in order");
    }
}

TEST_CASE("server waits for nobody to end the connection after the close") {
    const Server server(kStep);
    WebSocket silent(server);
    silent.send(close_frame(1000));
    silent.expect_close(1000, "echo the close, then end TCP: do not wait for the client's FIN");
    for (int i = 0; i < 10; ++i) {
        silent.connection().try_send(bytes_of({.payload = "late"}));
        if (silent.connection().wait_for_bytes(std::chrono::milliseconds(5)))
            fail("the end", "bytes", "nothing after a close is read as data");
    }
    expect_served(server, "one client's close is its own");
}

TEST_SUITE_END();
