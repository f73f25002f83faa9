// The contract of the server of 05_ws_chat: who may enter, and what the others are told.
#include <doctest/doctest.h>

#include <cctype>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";

// A name of 4 bytes in UTF-8 that is one character, encoded.
const std::string kWave = "%F0%9F%91%8B";

std::string times(int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
}

// As a browser sends it.
std::string origin(const std::string& value) {
    return "Origin: " + value + "\r\n";
}

std::string own_origin(const Server& server) {
    return origin("http://" + server.host() + ":" + server.port());
}

// The request is refused in whatever way, but not with 101, and the server goes on.
void expect_not_admitted(const Server& server, const std::string& request, const std::string& hint,
                         Place place = Place::here()) {
    Connection client(server);
    client.send(request, place);
    const std::string answer = client.receive_to_end(hint, place);
    if (answer.starts_with("HTTP/1.1 101")) fail("no 101", answer, hint, place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("a path that is neither the page nor the chat is not found") {
    const Server server(kStep);
    for (const std::string target : {"/nothing", "/ws/more", "/etc/passwd", "/page.html/"}) {
        expect_refused(server, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 404,
                       "anything else is 404");
    }
    for (const std::string target : {"/", "/chat", "/ws/", "/wsx", "/w"})
        expect_refused(server, chat_request(server, target), 404, "a WebSocket is at /ws only");
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a name has 1 to 32 characters and not bytes") {
    const Server server(kStep);
    const std::string hint = "count the characters of UTF-8: 1 to 32";
    for (const std::string& name : {std::string("A"), times(32, "x"), times(32, kWave)})
        expect_admitted(server, chat_request(server, "/ws?name=" + name), hint);
    for (const std::string& name : {std::string(), times(33, "x"), times(33, kWave)})
        expect_refused(server, chat_request(server, "/ws?name=" + name), 400, hint);
}

TEST_CASE("a name with a control character is refused") {
    const Server server(kStep);
    for (const std::string name : {"%01", "A%09B", "%1B[2J", "A%7F", "%C2%85", "%E2%80%AEevil",
                                   "%E2%81%A7", "A%E2%80%8F", "A%D8%9C", "A%E2%80%A8", "%E2%80%8B",
                                   "%20", "%EF%BB%BF", "%E3%85%A4", "%E2%A0%80", "%CC%81"}) {
        expect_refused(server, chat_request(server, std::string("/ws?name=") + name), 400,
                       "such a name would let its owner paint on everybody's terminal");
    }
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a name with a line end in it is refused and opens no way for a header") {
    const Server server(kStep);
    for (const std::string name :
         {"Ada%0ABob", "Ada%0DBob", "Ada%0D%0ABob", "%0A", "Ada%0D%0AOrigin:%20http://evil"}) {
        expect_refused(server, chat_request(server, std::string("/ws?name=") + name), 400,
                       "the library decodes %0A before it looks for the end of the line");
    }
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a name that is not UTF-8 is refused") {
    const Server server(kStep);
    for (const std::string name : {"%FF", "A%C3", "%C0%80", "%ED%A0%80", "%F4%90%80%80", "%80"}) {
        expect_refused(server, chat_request(server, std::string("/ws?name=") + name), 400,
                       "what goes into a text message has to be UTF-8");
    }
}

TEST_CASE("a name with a broken escape or a zero byte does not enter") {
    const Server server(kStep);
    for (const std::string name : {"%0", "%", "%zz", "A%4", "Ada%00Bob", "%00"}) {
        expect_not_admitted(server, chat_request(server, std::string("/ws?name=") + name),
                            "refuse it, or end the connection");
    }
    expect_chat(server, "nobody else notices");
}

TEST_CASE("a request that is no handshake opens nothing") {
    const Server server(kStep);
    const std::string good = websocket_request("/ws");
    const auto without = [&](const std::string& name) {
        std::string request = good;
        const std::size_t begin = request.find(name);
        return request.erase(begin, request.find("\r\n", begin) + 2 - begin);
    };
    const std::string hint = "RFC 6455, 4.2.1";
    expect_not_admitted(server, without("Upgrade:"), hint);
    expect_not_admitted(server, without("Sec-WebSocket-Key:"), hint);
    expect_not_admitted(server, "hello\r\n\r\n", hint);
    expect_not_admitted(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", hint);
    expect_not_admitted(server, "GET /ws\r\n\r\n", hint);
    expect_chat(server, "nobody else notices");
}

TEST_CASE("no extension and no subprotocol is agreed to") {
    const Server server(kStep);
    // expect_admitted looks that the answer names none.
    WebSocket member = expect_admitted(
        server,
        chat_request(server, "/ws",
                     "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"),
        "the library's permessage-deflate ends the process");
    member.send({.payload = std::string(3096, 'x')});
    member.expect(kText, "User: " + std::string(3096, 'x'), "uncompressed, as it was agreed");
}

TEST_CASE("a page of the server itself may connect and a page from elsewhere may not") {
    const Server server(kStep);
    expect_admitted(server, chat_request(server, "/ws"),
                    "a client without an Origin is no browser");
    expect_admitted(server, chat_request(server, "/ws", own_origin(server)),
                    "http://, and what the browser wrote into Host");
    const std::string own = "http://" + server.host() + ":" + server.port();
    for (const std::string& foreign :
         {std::string("http://evil.example"), std::string("null"), own + ".evil.example", own + "0",
          own + "/", "https" + own.substr(4), std::string("http://") + server.host(),
          own + ", http://evil.example", "http://evil.example, " + own, std::string("*")}) {
        expect_refused(server, chat_request(server, "/ws", origin(foreign)), 403,
                       "any page that you visit may open a WebSocket to localhost: compare the "
                       "whole Origin");
    }
    expect_refused(server,
                   chat_request(server, "/ws", own_origin(server) + origin("http://evil.example")),
                   403, "two Origins are none");
    expect_chat(server, "nobody else notices");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("origins that are allowed may connect besides the own one") {
    const Server server(kStep, {"--allow-origin", "https://a.example", "--allow-origin", "null"});
    const std::string hint = "--allow-origin may be given as often as wanted";
    expect_admitted(server, chat_request(server, "/ws", origin("https://a.example")), hint);
    expect_admitted(server, chat_request(server, "/ws", origin("null")),
                    "a page that was opened from a file has the Origin null");
    expect_admitted(server, chat_request(server, "/ws", own_origin(server)), "the own one stays");
    for (const std::string foreign : {"https://b.example", "http://a.example",
                                      "https://a.example:8443", "https://a.example."}) {
        expect_refused(server, chat_request(server, "/ws", origin(foreign)), 403,
                       "compare the whole of it");
    }
}

TEST_CASE("with a star every page may connect") {
    const Server server(kStep, {"--allow-origin", "*"});
    for (const std::string any : {"http://evil.example", "null"})
        expect_admitted(server, chat_request(server, "/ws", origin(any)), "--allow-origin '*'");
}

TEST_CASE("without the token nobody enters and with it everybody does") {
    const Server server(kStep, {"--token", "s3cret word/+Ы"});
    const std::string right = "token=s3cret%20word%2F%2B%D0%AB";
    for (const std::string query : {"", "?token=", "?token=wrong", "?token=s3cret",
                                    "?Token=s3cret%20word%2F%2B%D0%AB", "?name=s3cret"})
        expect_refused(server, chat_request(server, "/ws" + query), 401, "compare the whole of it");
    expect_refused(server, chat_request(server, "/ws?" + right + "x"), 401,
                   "compare the whole of it");
    WebSocket member(server, "/ws?" + right + "&name=Ada");
    member.send({.payload = "in"});
    member.expect(kText, "Ada: in", "the right token, then the name");
    WebSocket other(server, "/ws?name=Bob&" + right);
    other.send({.payload = "in too"});
    other.expect(kText, "Bob: in too", "the name, then the right token");
}

TEST_CASE("a foreign page is refused although it knows the token") {
    const Server server(kStep, {"--token", "s3cret"});
    expect_refused(server, chat_request(server, "/ws?token=s3cret", origin("http://evil.example")),
                   403, "both are needed");
}

TEST_CASE("the token is in no log and no trace") {
    Server server(kStep, {"--trace", "--token", "s3cret"});
    WebSocket member(server, "/ws?token=s3cret&name=Ada");
    member.send({.payload = "in"});
    member.expect(kText, "Ada: in", "the right token");
    expect_refused(server, chat_request(server, "/ws?token=s3cret2"), 401, "a wrong token");
    expect_refused(server, chat_request(server, "/ws?token=s3cret&name=%01"), 400, "a wrong name");
    expect_refused(server, chat_request(server, "/nothing?token=s3cret"), 404, "a wrong path");
    server.expect_clean_end();
    if ((server.errors() + server.output()).find("s3cret") != std::string::npos)
        fail("no token", server.errors(), "logs are kept, copied and shown: leave secrets out");
}

TEST_CASE("the chat without an upgrade is 426 and names the protocol") {
    const Server server(kStep);
    const HttpResponse answer =
        ask_last(server, "GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n", "426");
    if (answer.head.status() != 426) fail("426", answer.head.first_line, "RFC 9110, 15.5.22");
    expect_bytes("websocket", answer.head.value("Upgrade"), "RFC 9110, 15.5.22");
}

TEST_CASE("the request for a WebSocket may be written in capitals") {
    const Server server(kStep);
    std::string request = chat_request(server);
    for (const std::string word : {"websocket", "Upgrade\r\n"}) {
        const std::size_t at = request.find(word);
        for (std::size_t i = at; i < at + word.size(); ++i)
            request[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(request[i])));
    }
    expect_admitted(server, request, "RFC 6455, 4.2.1: in whatever case");
}

TEST_CASE("one member too many is refused and the place of a member that leaves is free again") {
    const Server server(kStep, {"--max-clients", "2"});
    auto members = enter(server, 2);
    expect_refused(server, chat_request(server), 503, "at most --max-clients are in the room");
    const std::string wait =
        ask_last(server, chat_request(server), "503").head.value("Retry-After");
    if (wait.empty() || wait == "0")
        fail("Retry-After: some seconds", wait, "RFC 9110, 10.2.3: say when it may try again");
    expect_heard(members, 0, "still there?", "only the client that came too late is refused");
    members[1].send({.opcode = kClose, .payload = close_payload(1000)});
    members[1].expect_close(1000, "a close frame is answered with one");
    members.pop_back();
    expect_chat(server, "count the clients that are there, not all that ever came");
}

TEST_CASE("a page can be had although the chat is full") {
    const Server server(kStep, {"--max-clients", "1"});
    auto members = enter(server, 1);
    const HttpResponse answer =
        ask_last(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "the page");
    if (answer.head.status() != 200)
        fail("200", answer.head.first_line,
             "a client that only loads the page takes no place in the room");
}

TEST_CASE("a refused client is logged with the address and the reason") {
    Server server(kStep);
    expect_refused(server, chat_request(server, "/ws?name="), 400, "a wrong name");
    server.expect_error("400", "say on stderr who was refused, and why");
    server.expect_error("127.0.0.1", "say on stderr who was refused, and why");
}

TEST_SUITE_END();
