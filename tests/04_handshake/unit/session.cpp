// Unit tests of 04_handshake's server side of a connection.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "04_handshake/session.hpp"
#include "tests/04_handshake/support/raw_frames.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/report.hpp"

using namespace websocket;
using lab::test::expect_bytes;
using lab::test::from_client;
using lab::test::from_server;
using lab::test::raw_close;
using State = Session::State;

namespace {

constexpr std::size_t kMax = 1000;

std::string request(const std::string& target, const std::string& method = "GET") {
    return method + " " + target +
           " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

const std::string kAnswer =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

// A session, its page's memory, and what it wants to send.
struct Peer {
    FrameLog frames;
    Session session{"peer", kMax, lab::Trace(false), frames};

    explicit Peer(const std::string& bytes = "") { session.receive(bytes); }
    std::string take() {
        std::string bytes(session.outgoing());
        session.sent(bytes.size());
        return bytes;
    }
};

// An open one.
struct OpenPeer : Peer {
    explicit OpenPeer(const std::string& target = "/") : Peer(request(target)) {
        REQUIRE(session.state() == State::open);
        expect_bytes(kAnswer, take(), "the handshake");
    }
};

// Whatever has come: in `answer` the status line and the body of the response, and the end.
void expect_response(Peer& peer, const std::string& status, const std::string& body,
                     lab::test::Place place = lab::test::Place::here()) {
    const std::string all = peer.take();
    const std::size_t end = all.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    expect_bytes("HTTP/1.1 " + status, all.substr(0, all.find("\r\n")), "its status", place);
    expect_bytes(body, all.substr(end + 4), "its body", place);
    CHECK(peer.session.state() == State::finished);
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a whole conversation is answered alike however it is cut") {
    const std::string stream = request("/any?path") + from_client(0x81, "Привіт") +
                               from_client(0x02, "\xff") + from_client(0x89, "ping") +
                               from_client(0x80, "\xfe") + from_client(0x8A, "ignored") +
                               from_client(0x82, "") + from_client(0x88, raw_close(1000, "bye"));
    const std::string answer = kAnswer + from_server(0x81, "Привіт") + from_server(0x8A, "ping") +
                               from_server(0x82, "\xff\xfe") + from_server(0x82, "") +
                               from_server(0x88, raw_close(1000));
    for (const auto& pieces : lab::test::all_cuts(stream)) {
        Peer peer;
        for (const std::string_view piece : pieces) peer.session.receive(piece);
        expect_bytes(answer, peer.take(), "in " + std::to_string(pieces.size()) + " pieces");
        CHECK(peer.session.state() == State::finished);
    }
}

TEST_CASE("a session is in the handshake until its request is whole") {
    const std::string bytes = request("/");
    Peer peer(bytes.substr(0, bytes.size() - 1));
    CHECK(peer.session.state() == State::handshake);
    CHECK(peer.session.outgoing().empty());
    peer.session.receive("\n");
    CHECK(peer.session.state() == State::open);
    expect_bytes(kAnswer, peer.take(), "with the last byte comes the answer");
    CHECK(peer.session.peer() == "peer");
}

TEST_CASE("an answer sent in part goes on where it ended") {
    OpenPeer peer;
    peer.session.receive(from_client(0x82, "abc"));
    peer.session.sent(3);
    expect_bytes("bc", peer.session.outgoing(), "two bytes of header and one of payload are gone");
    peer.session.receive(from_client(0x82, "d"));
    peer.session.sent(1);
    expect_bytes(
        "c\x82\x01"
        "d",
        peer.session.outgoing(), "new bytes come behind");
    peer.session.sent(4);
    CHECK(peer.session.outgoing().empty());
    peer.session.receive(from_client(0x82, "e"));
    expect_bytes(
        "\x82\x01"
        "e",
        peer.take(), "nothing is sent twice");
}

TEST_CASE("an answer that was sent takes no memory any more") {
    OpenPeer peer;
    peer.session.receive(from_client(0x82, "a"));
    const char* const begin = peer.session.outgoing().data();
    peer.take();
    peer.session.receive(from_client(0x82, "b"));
    CHECK(peer.session.outgoing().data() == begin);
}

TEST_CASE("the client's close frame is answered with its code") {
    for (const std::string& payload : {std::string(), raw_close(1000), raw_close(4321)}) {
        OpenPeer peer;
        peer.session.receive(from_client(0x88, payload) + from_client(0x81, "late"));
        expect_bytes(from_server(0x88, payload), peer.take(), "the same code goes back, or none");
        CHECK(peer.session.state() == State::finished);
        // Nothing after it is read: not even what would be wrong.
        peer.session.receive("\xff\xff");
        CHECK(peer.take().empty());
    }
}

TEST_CASE("a client that breaks a rule gets the code and the reason") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {from_server(0x81, "a"), raw_close(1002, "a frame from a client is not masked")},
        {from_client(0x80, "a"), raw_close(1002, "a continuation frame continues nothing")},
        {from_client(0x81, "\xff"), raw_close(1007, "a text is not UTF-8")},
        {from_client(0x82, std::string(kMax + 1, 'x')),
         raw_close(1009, "a message is longer than 1000 bytes")},
        {from_client(0x88, "\x03"), raw_close(1002, "a close frame has half a code")},
    };
    for (const auto& [frame, close] : cases) {
        OpenPeer peer;
        peer.session.receive(from_client(0x81, "a") + frame + from_client(0x81, "late"));
        expect_bytes(from_server(0x81, "a") + from_server(0x88, close), peer.take(),
                     "first the echo, then the close frame, then nothing");
        CHECK(peer.session.state() == State::finished);
        peer.session.receive(from_client(0x89, "late"));
        peer.session.go_away();
        CHECK(peer.take().empty());
    }
}

TEST_CASE("a message of the longest length comes back whole") {
    OpenPeer peer;
    const std::string longest(kMax, 'x');
    peer.session.receive(from_client(0x81, longest));
    expect_bytes(from_server(0x81, longest), peer.take(), "the limit itself is allowed");
}

TEST_CASE("a server that ends says so and then waits for the client's close alone") {
    OpenPeer peer;
    peer.session.receive(from_client(0x01, "half"));
    peer.session.go_away();
    CHECK(peer.session.state() == State::closing);
    expect_bytes(from_server(0x88, raw_close(1001, "the server ends")), peer.take(), "close 1001");
    peer.session.go_away();
    peer.session.receive(from_client(0x80, "a") + from_client(0x89, "b") + from_client(0x81, "c"));
    CHECK(peer.session.state() == State::closing);
    CHECK(peer.take().empty());  // nothing may follow a close frame
    peer.session.receive(from_client(0x88, raw_close(1001)));
    CHECK(peer.session.state() == State::finished);
    CHECK(peer.take().empty());
}

TEST_CASE("a client that breaks a rule while the server waits for its close gets nothing more") {
    OpenPeer peer;
    peer.session.go_away();
    peer.take();
    peer.session.receive(from_client(0x81, "\xff"));
    CHECK(peer.session.state() == State::finished);
    CHECK(peer.take().empty());
}

TEST_CASE("a server that ends drops a handshake and sends nothing more to a closed client") {
    Peer peer("GET");
    peer.session.go_away();
    CHECK(peer.session.state() == State::finished);
    peer.session.receive(" / HTTP/1.1\r\n\r\n");
    CHECK(peer.take().empty());
}

TEST_CASE("a request that does not end or finds no room is refused") {
    Peer late("GET / HTTP/1.1\r\n");
    late.session.time_out();
    expect_response(late, "408 Request Timeout", "the request did not come to its end in time\n");
    late.session.time_out();
    late.session.receive("Host: a\r\n\r\n");
    CHECK(late.take().empty());

    Peer refused;
    refused.session.refuse_for_room();
    CHECK(refused.session.outgoing().find("\r\nRetry-After: 10\r\n") != std::string::npos);
    expect_response(refused, "503 Service Unavailable", "the server is full\n");
    refused.session.receive(request("/"));
    CHECK(refused.take().empty());

    OpenPeer open;
    open.session.time_out();
    CHECK(open.session.state() == State::open);
    CHECK(open.take().empty());
}

TEST_CASE("a wrong request is refused with its status and nothing behind it is read") {
    const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> cases{
        {"GET\r\n",
         {"400 Bad Request", "the request line is not: method, space, target, space, version\n"}},
        {"GET / HTTP/1.1\r\n\r\n", {"400 Bad Request", "there is no Host\n"}},
        {"POST / HTTP/1.1\r\nHost: a\r\n\r\n",
         {"405 Method Not Allowed", "the method POST is not allowed here\n"}},
        {"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
         {"426 Upgrade Required", "Upgrade: websocket is missing: this is a WebSocket\n"}},
        {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
         {"426 Upgrade Required", "Connection: Upgrade is missing\n"}},
        {"GET / HTTP/2.0\r\n", {"505 HTTP Version Not Supported", "HTTP/1.1 is spoken here\n"}},
        // HEAD wants the head alone, even of a refusal.
        {request("/", "HEAD"), {"405 Method Not Allowed", ""}},
        {"HEAD / HTTP/1.1\r\nHost : a\r\n", {"400 Bad Request", ""}},
    };
    for (const auto& [bytes, answer] : cases) {
        Peer peer(bytes + request("/"));
        expect_response(peer, answer.first, answer.second);
    }
}

TEST_CASE("a plain request gets the page and what it needs") {
    const auto plain = [](const std::string& method, const std::string& target) {
        Peer peer(method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n" + request("/"));
        CHECK(peer.session.state() == State::finished);
        return peer.take();
    };
    const std::vector<std::pair<std::string, std::string>> types{
        {"/", "text/html; charset=utf-8"},
        {"/?page=a", "text/html; charset=utf-8"},
        {"/page.js", "text/javascript; charset=utf-8"},
        {"/page.css", "text/css; charset=utf-8"},
        {"/frames?page=a", "application/json"},
    };
    for (const auto& [target, type] : types) {
        const std::string answer = plain("GET", target);
        CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(answer.find("\r\nContent-Type: " + type + "\r\n") != std::string::npos);
        const std::size_t body = answer.find("\r\n\r\n") + 4;
        CHECK(answer.find("\r\nContent-Length: " + std::to_string(answer.size() - body) + "\r\n") !=
              std::string::npos);
        expect_bytes(answer.substr(0, body), plain("HEAD", target), "HEAD gets the head alone");
    }
    for (const char* target : {"/page.html", "/frames", "/frames?page=", "//"})
        CHECK(plain("GET", target).starts_with("HTTP/1.1 426 "));
}

TEST_CASE("the frames of a page's connection are remembered and those of others are not") {
    OpenPeer peer("/?page=a1");
    peer.session.receive(from_client(0x81, "Hi"));
    peer.session.receive(from_client(0x01, "x"));
    expect_bytes(R"({"first":0,"frames":[)"
                 R"({"from":"browser","fields":[["FIN, opcode","81"],["MASK, length","82"],)"
                 R"(["masking key","37 fa 21 3d"],["payload","7f 93"]]},)"
                 R"({"from":"server","fields":[["FIN, opcode","81"],["MASK, length","02"],)"
                 R"(["payload","48 69"]]},)"
                 R"({"from":"browser","fields":[["FIN, opcode","01"],["MASK, length","81"],)"
                 R"(["masking key","37 fa 21 3d"],["payload","4f"]]}]})",
                 peer.frames.json("a1"), "each frame as it was on the wire, in both directions");
    OpenPeer other("/?page=");
    other.session.receive(from_client(0x81, "Hi"));
    expect_bytes(R"({"first":0,"frames":[]})", other.frames.json(""), "it has no name");
}

TEST_SUITE_END();
