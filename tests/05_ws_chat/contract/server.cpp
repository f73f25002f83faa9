// The contract of the server of 05_ws_chat: who hears what.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";

// The processor time that `server` needs for 80 messages of two of `members`, in seconds. Each says
// fewer than 100: a server may limit the rate.
double seconds_for_messages(const Server& server, std::vector<WebSocket>& members) {
    const double before = server.cpu_seconds();
    for (std::size_t i = 0; i < 80; ++i)
        expect_heard(members, i % 2, "hello", "everyone hears everything");
    return server.cpu_seconds() - before;
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server says where it listens") {
    const Server server(kStep);
    expect_bytes("127.0.0.1", server.host(), "without --host, only this machine");
    const Connection client(server);
}

TEST_CASE("server opens a WebSocket at /ws") {
    const Server server(kStep);
    for (const Key& key : kKeys) {
        Connection client(server);
        client.send(websocket_request("/ws", key.key));
        expect_open(receive_head(client, "answer with 101"), key);
    }
}

TEST_CASE("everyone hears a message with its sender's name and so does the sender") {
    const Server server(kStep);
    WebSocket ada(server, "/ws?name=Ada");
    WebSocket bob(server, "/ws?name=Bob");
    bob.send({.payload = "hello"});
    bob.expect(kText, "Bob: hello", "the sender hears its own message");
    ada.expect(kText, "Bob: hello", "each message goes to all, with `name: ` before it");
    ada.send({.payload = "hi"});
    bob.expect(kText, "Ada: hi", "each message goes to all, with `name: ` before it");
    ada.expect(kText, "Ada: hi", "the sender hears its own message");
}

TEST_CASE("a member without a name is called User") {
    const Server server(kStep);
    WebSocket member(server, "/ws");
    member.send({.payload = "hello"});
    member.expect(kText, "User: hello", "without ?name= the name is User");
}

TEST_CASE("a name in any script is decoded") {
    const Server server(kStep);
    WebSocket member(server, "/ws?name=%D0%90%D0%B4%D0%B0%20%F0%9F%91%8B");
    member.send({.payload = "Привіт 👋 — κόσμε"});
    member.expect(kText, "Ада 👋: Привіт 👋 — κόσμε", "%D0%90 is a byte in two digits each");
}

TEST_CASE("an empty message is a message") {
    const Server server(kStep);
    auto members = enter(server, 2);
    expect_heard(members, 1, "", "a payload may have no byte");
    expect_heard(members, 0, "next", "a payload may have no byte");
}

TEST_CASE("a text goes to everyone as it was said with the white space around it") {
    const Server server(kStep);
    auto members = enter(server, 2);
    for (const std::string text : {" two words ", "\tтри слова 👋\n", "   "})
        expect_heard(members, 0, text,
                     "pass on the bytes of the text as they are: do not trim them, and count "
                     "bytes, not letters");
}

TEST_CASE("a member that speaks and leaves in one breath still hears itself") {
    const Server server(kStep);
    auto members = enter(server, 2);
    members[0].send_bytes(bytes_of({.payload = "one"}) + bytes_of({.payload = "two"}) +
                          bytes_of({.opcode = kClose, .payload = close_payload(1000)}));
    for (WebSocket& member : members) {
        const std::string hint = "messages before the close go to all before its answer";
        member.expect(kText, "User: one", hint);
        member.expect(kText, "User: two", hint);
    }
    members[0].expect_close(1000, "the close is answered with its code");
}

TEST_CASE("a binary message goes to everyone as it came") {
    const Server server(kStep);
    auto members = enter(server, 3);
    // All bytes there are, in messages that are short enough for a length of one byte.
    for (int begin = 0; begin < 256; begin += 64) {
        std::string bytes;
        for (int code = begin; code < begin + 64; ++code) bytes += static_cast<char>(code);
        members[1].send({.opcode = kBinary, .payload = bytes});
        for (WebSocket& member : members)
            member.expect(kBinary, bytes, "opcode 2 carries any bytes: no name before them");
    }
}

TEST_CASE("messages of every length of length arrive whole") {
    const Server server(kStep);
    auto members = enter(server, 2);
    for (const std::size_t size :
         {1U, 119U, 120U, 125U, 126U, 127U, 4096U, 65'529U, 65'530U, 65'536U}) {
        expect_heard(members, 0, text_of(size), "the name counts too: 126 and 65536 are borders");
        members[0].send({.opcode = kBinary, .payload = text_of(size)});
        for (WebSocket& member : members)
            member.expect(kBinary, text_of(size), "the length in its shortest form");
    }
}

TEST_CASE("messages of one member keep their order") {
    const Server server(kStep);
    auto members = enter(server, 2);
    for (int i = 0; i < 50; ++i) members[0].send({.payload = "message " + std::to_string(i)});
    for (int i = 0; i < 50; ++i) {
        for (WebSocket& member : members)
            member.expect(kText, "User: message " + std::to_string(i), "in the order it came");
    }
}

TEST_CASE("everyone hears the same messages in the same order") {
    const Server server(kStep);
    auto members = enter(server, 5);
    for (int i = 0; i < 20; ++i) {
        for (std::size_t m = 0; m < members.size(); ++m)
            members[m].send({.payload = std::to_string(m) + " " + std::to_string(i)});
    }
    for (int i = 0; i < 100; ++i) {
        const std::string heard = members[0].receive("everyone hears everything").payload;
        for (std::size_t m = 1; m < members.size(); ++m) {
            members[m].expect(kText, heard,
                              "one order for all: one log, or one queue each filled "
                              "by one thread");
        }
    }
}

TEST_CASE("a client that comes later has missed earlier messages") {
    const Server server(kStep);
    auto members = enter(server, 2);
    expect_heard(members, 0, "before", "everyone hears everything");
    WebSocket late(server, "/ws");
    late.send({.payload = "what did I miss?"});
    late.expect(kText, "User: what did I miss?", "there is no history: begin at the end");
}

TEST_CASE("the others go on when a member leaves") {
    const Server server(kStep);
    auto members = enter(server, 4);
    members[1].send({.opcode = kClose, .payload = close_payload(1000)});
    members[1].expect_close(1000, "a close frame is answered with one: then end the connection");
    members[2].connection().reset();
    members.erase(members.begin() + 1, members.begin() + 3);
    for (int i = 0; i < 10; ++i)
        expect_heard(members, 0, "still there?", "a member that has left vanishes from the room");
}

TEST_CASE("a member that has left costs nothing any more") {
    const Server server(kStep);
    auto members = enter(server, 2);
    const double before = seconds_for_messages(server, members);
    for (int i = 0; i < 300; ++i) {
        WebSocket brief(server, "/ws");
        if (i % 2) {
            brief.send({.opcode = kClose, .payload = close_payload(1000)});
            brief.expect_close(1000, "a close frame is answered with one");
        } else {
            brief.connection().reset();
        }
    }
    const double after = seconds_for_messages(server, members);
    if (after > 5 * before + 0.05) {
        fail(
            "80 messages to 2 members take about " + std::to_string(before) + " s of the processor",
            std::to_string(after) + " s after 300 other members have come and left",
            "take a member out of the room when its connection ends, in whatever way it does");
    }
}

TEST_CASE("a ping is answered with a pong that has the same payload") {
    const Server server(kStep);
    auto members = enter(server, 2);
    members[0].send({.opcode = kPing, .payload = "are you there?"});
    members[0].expect(kPong, "are you there?", "the library does that");
    expect_heard(members, 1, "a ping is no message", "a ping is no message");
}

TEST_CASE("server shows the page to a browser that asks for /") {
    const Server server(kStep);
    const HttpResponse answer = ask_last(
        server, "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n", "the page");
    if (answer.head.status() != 200) fail("200", answer.head.first_line, "GET / is the page");
    if (!answer.head.value("Content-Type").starts_with("text/html"))
        fail("Content-Type: text/html", answer.head.fields, "or the browser shows the source");
    if (answer.body.empty()) fail("a page", "an empty body", "GET / is the page");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("a HEAD gets the head of the page alone") {
    const Server server(kStep);
    Connection client(server);
    client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const HttpHead head = receive_head(client, "HEAD is GET without the body");
    if (head.status() != 200) fail("200", head.first_line, "HEAD is GET without the body");
    expect_bytes("", client.receive_to_end("end the connection after the answer"),
                 "HEAD is GET without the body");
}

TEST_CASE("a method that is neither GET nor HEAD is refused and told which are allowed") {
    const Server server(kStep);
    const HttpResponse answer =
        ask_last(server, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "405");
    if (answer.head.status() != 405 || answer.head.value("Allow").empty())
        fail("405 and Allow", answer.head.first_line + answer.head.fields, "RFC 9110, 15.5.6");
    expect_chat(server, "nobody else notices");
}

TEST_CASE("trace shows each message that comes and goes") {
    Server server(kStep, {"--trace"});
    auto members = enter(server, 2);
    expect_heard(members, 0, "Привіт", "everyone hears everything");
    server.expect_error("Привіт", "trace goes to stderr");
    for (const std::string arrow : {"← ", "→ "})
        server.expect_error(arrow + "127.0.0.1", "an arrow, and the member's address");
}

TEST_SUITE_END();
