#include "tests/04_handshake/support/websocket_peer.hpp"

#include <libwebsockets.h>

#include <algorithm>
#include <utility>

#include "common/visible.hpp"
#include "tests/support/variant.hpp"

namespace lab::test {
namespace {

constexpr std::size_t kMaxHeader = 14;

std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

Connection open(const Server& server, std::string_view target, int receive_buffer, Place place) {
    Connection connection(server, receive_buffer, place);
    connection.send(websocket_request(target), place);
    expect_open(receive_head(connection, "answer the request with 101", place), kKeys[0], place);
    return connection;
}

std::string describe(const WebSocket::Arrived& frame) {
    return "a frame with opcode " + std::to_string(frame.opcode) + ", fin " +
           std::to_string(frame.fin) + ", payload " + lab::visible(frame.payload);
}

}  // namespace

std::array<unsigned char, 20> digest_of(const std::string& key) {
    const std::string hashed = key + guid();
    std::array<unsigned char, 20> digest{};
    lws_SHA1(reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size(), digest.data());
    return digest;
}

std::string accept_value(const std::string& key) {
    const auto digest = digest_of(key);
    std::array<char, 32> text{};
    lws_b64_encode_string(reinterpret_cast<const char*>(digest.data()),
                          static_cast<int>(digest.size()), text.data(),
                          static_cast<int>(text.size()));
    return text.data();
}

std::string accept_value(const Key& key) {
    return has_another_guid() ? accept_value(std::string(key.key)) : std::string(key.accept);
}

std::string bytes_of(const Frame& frame, End sender) {
    const bool masked = frame.masked.value_or(sender == End::client);
    const std::uint64_t length = frame.announced.value_or(frame.payload.size());
    const int more = frame.length_bytes ? frame.length_bytes
                     : length > 0xFFFF  ? 8
                     : length > 125     ? 2
                                        : 0;
    const std::uint64_t short_length = more == 8 ? 127 : more == 2 ? 126 : length;
    std::string bytes;
    bytes += static_cast<char>((frame.fin ? 0x80 : 0) | frame.reserved << 4 | frame.opcode);
    bytes += static_cast<char>((masked ? 0x80U : 0U) | short_length);
    for (int i = more - 1; i >= 0; --i) bytes += static_cast<char>(length >> (8 * i) & 0xFF);
    if (!masked) return bytes + frame.payload;
    bytes.append(frame.key.begin(), frame.key.end());
    const std::size_t begin = bytes.size();
    bytes += frame.payload;
    for (std::size_t i = 0; begin + i < bytes.size(); ++i)
        bytes[begin + i] = static_cast<char>(bytes[begin + i] ^ frame.key.at(i % 4));
    return bytes;
}

std::string close_payload(int code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    return payload.append(reason);
}

std::string websocket_request(std::string_view target, std::string_view key,
                              std::string_view fields) {
    return std::string("GET ").append(target) +
           " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: " +
           std::string(key) + "\r\nSec-WebSocket-Version: 13\r\n" + std::string(fields) + "\r\n";
}

void expect_open(const HttpHead& head, const Key& key, Place place) {
    expect_open(head, key, "the request asks for a WebSocket as RFC 6455, 4.1, says", place);
}

void expect_open(const HttpHead& head, const Key& key, const std::string& request, Place place) {
    const auto expect = [&](bool good, const std::string& expected, const std::string& hint) {
        if (!good) fail(expected, lab::visible(head.first_line + head.fields, 400), hint, place);
    };
    expect(head.status() == 101, "HTTP/1.1 101 Switching Protocols", request);
    expect(lower(head.value("Upgrade")) == "websocket", "Upgrade: websocket", "RFC 6455, 4.2.2");
    expect(has_token(head.value("Connection"), "Upgrade"), "Connection: Upgrade",
           "RFC 6455, 4.2.2");
    const std::string accept = accept_value(key);
    expect(head.value("Sec-WebSocket-Accept") == accept, "Sec-WebSocket-Accept: " + accept,
           with_variant("Base64 of the 20 bytes of the SHA-1 of the key, as text, and the GUID",
                        "LAB_GUID"));
    for (const std::string name : {"Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"})
        expect(head.value(name).empty(), "no " + name, "agree to nothing that you do not speak");
}

WebSocket::WebSocket(const Server& server, std::string_view target, int receive_buffer, Place place)
    : WebSocket(open(server, target, receive_buffer, place), End::client) {
}

WebSocket::WebSocket(Connection connection, End end)
    : connection_(std::move(connection)), end_(end) {
}

void WebSocket::send(const Frame& frame, Place place) {
    send_bytes(bytes_of(frame, end_), place);
}

void WebSocket::send_bytes(std::string_view bytes, Place place) {
    // If the connection has ended, whoever receives next is told.
    (void)connection_.send_and_keep(bytes, place);
}

void WebSocket::send_in_pieces(std::string_view bytes, std::size_t size,
                               std::chrono::milliseconds pause, Place place) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
        send_bytes(bytes.substr(0, size), place);
        if (pause.count() > 0) (void)connection_.wait_for_bytes(pause);
    }
}

WebSocket::Arrived WebSocket::receive(const std::string& hint, Place place) {
    return receive("a frame", hint, place);
}

WebSocket::Arrived WebSocket::receive(const std::string& wanted, const std::string& hint,
                                      Place place) {
    std::string whole;  // the frame's header, as far as it has come
    const auto take = [&](std::uint64_t count) {
        std::string bytes =
            connection_.receive_rest(static_cast<std::size_t>(count), wanted, whole, hint, place);
        if (count < kMaxHeader) whole += bytes;
        return bytes;
    };
    const auto expect = [&](bool good, const std::string& expected, const std::string& got) {
        if (!good) fail(expected, got, "RFC 6455, section 5.2", place);
    };
    const std::string begin = take(2);
    const auto first = static_cast<unsigned char>(begin[0]);
    const auto second = static_cast<unsigned char>(begin[1]);
    Arrived frame{(first & 0x80) != 0, first & 0x0F, (second & 0x80) != 0, {}};
    expect((first & 0x70) == 0, "no reserved bit is set", lab::visible(begin));
    expect(frame.masked == (end_ == End::server),
           end_ == End::server
               ? "a masked frame: a client masks each, so its second byte is 0x80 + "
                 "the length"
               : "a frame without a mask: a server masks none, so its second byte "
                 "is the length",
           lab::visible(begin));
    std::uint64_t length = second & 0x7F;
    if (frame.opcode >= kClose)
        expect(length <= 125 && frame.fin, "a control frame short and whole", lab::visible(begin));
    if (length >= 126) {
        const bool in_8 = length == 127;
        length = number_of(take(in_8 ? 8 : 2));
        expect(length >= (in_8 ? 0x10000U : 126U) && length >> 63 == 0,
               "the length in its shortest form", std::to_string(length));
    }
    const std::string key = frame.masked ? take(4) : std::string(4, '\0');
    frame.payload = take(length);
    for (std::size_t i = 0; i < frame.payload.size(); ++i)
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ key[i % 4]);
    return frame;
}

void WebSocket::expect(int opcode, std::string_view payload, const std::string& hint, Place place) {
    Arrived frame = receive(
        "a frame with opcode " + std::to_string(opcode) + ", payload " + lab::visible(payload),
        hint, place);
    std::string whole = frame.payload;
    if (frame.opcode != opcode)
        fail("a frame with opcode " + std::to_string(opcode), describe(frame), hint, place);
    while (!frame.fin) {
        frame = receive("the rest of the message", hint, place);
        if (frame.opcode != kContinuation)
            fail("the rest of the message", describe(frame), hint, place);
        whole += frame.payload;
    }
    expect_bytes(payload, whole, hint, place);
}

void WebSocket::expect_echo(int opcode, const std::string& payload, const std::string& hint,
                            Place place) {
    send({.opcode = opcode, .payload = payload}, place);
    expect(opcode, payload, hint, place);
}

void WebSocket::expect_close(int code, const std::string& hint, Place place) {
    const std::string expected =
        code ? "a close frame with code " + std::to_string(code) : "a close frame without a code";
    const Arrived frame = receive(expected, hint, place);
    if (frame.opcode != kClose) fail(expected, describe(frame), hint, place);
    const auto got = static_cast<int>(number_of(frame.payload.substr(0, 2)));
    if (got != code || frame.payload.size() == 1)
        fail(expected, "a close frame with code " + std::to_string(got), hint, place);
    connection_.expect_end("after the close frames the server ends TCP first: shutdown(2)", place);
}

WebSocket accept_websocket(Listener& listener, HttpHead* request, Place place) {
    Connection connection = listener.accept(place);
    const HttpHead head = receive_head(connection, "send the request, then an empty line", place);
    if (request) *request = head;
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
            accept_value(head.value("Sec-WebSocket-Key")) + "\r\n\r\n",
        place);
    return {std::move(connection), End::server};
}

void expect_failure(const Server& server, std::string_view bytes, int code, const std::string& hint,
                    Place place) {
    WebSocket before(server, "/", 0, place);
    WebSocket rude(server, "/", 0, place);
    rude.send_bytes(bytes, place);
    rude.expect_close(code, hint, place);
    before.expect_echo(kText, "still there?", "only the client that broke the rules is sent away",
                       place);
    expect_served(server, "only the client that broke the rules is sent away", place);
}

void expect_served(const Server& server, const std::string& hint, Place place) {
    WebSocket client(server, "/", 0, place);
    client.expect_echo(kText, "still there?", hint, place);
}

}  // namespace lab::test
