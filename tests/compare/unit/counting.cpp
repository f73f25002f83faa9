// Unit tests of the participants: what they count, against bytes that are counted by hand.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "04_handshake/handshake.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/compare/support/talk.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/report.hpp"

using namespace compare;
using lab::test::Connection;
using lab::test::expect_bytes;
using lab::test::Talk;

namespace {

constexpr std::string_view kHello = "hello";

// The bytes and messages of `flow`: how often recv was called depends on the kernel.
void expect_flow(const Flow& flow, const Flow& expected) {
    CHECK(flow.text == expected.text);
    CHECK(flow.framing() == expected.framing());
    CHECK(flow.headers == expected.headers);
    CHECK(flow.messages == expected.messages);
    CHECK((flow.calls > 0) == (expected.bytes > 0));
}

Flow flow(std::size_t text, std::size_t framing, std::size_t headers, std::uint64_t messages) {
    return {
        .bytes = text + framing + headers, .text = text, .headers = headers, .messages = messages};
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("of a line, the name and the line end are framing") {
    Talk talk("lines");
    Connection server = talk.accept();
    CHECK_FALSE(talk.participant->in());
    talk.participant->say(kHello);
    server.expect("User: hello\n", "a line");
    server.send("User: Hello back\n");
    CHECK(talk.hear() == "Hello back");
    CHECK(talk.participant->in());
    expect_flow(talk.participant->counts().sent, flow(5, 7, 0, 1));
    expect_flow(talk.participant->counts().received, flow(10, 7, 0, 1));
    CHECK(talk.participant->counts().requests == 0);
    CHECK(talk.participant->counts().connections == 1);
}

TEST_CASE("of WebSocket, the handshake is a head, and headers of frames are framing") {
    Talk talk("websocket");
    Connection server = talk.accept();
    const auto request = lab::test::receive_head(server, "a handshake");
    const std::string key = request.value("Sec-WebSocket-Key");
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        websocket::accept_value(key) + "\r\n\r\n";
    server.send(answer);
    talk.serve_until([&] { return talk.participant->in(); });
    const std::size_t asked =
        websocket::handshake_request("127.0.0.1:" + talk.listener.port(), "/ws?name=User", key)
            .size();
    expect_flow(talk.participant->counts().sent, flow(0, 0, asked, 1));
    expect_flow(talk.participant->counts().received, flow(0, 0, answer.size(), 1));

    talk.participant->say(kHello);
    server.receive(2 + 4 + 5, "a masked frame");
    server.send("\x81\x0bUser: hello\x89\x02hi");
    CHECK(talk.hear() == kHello);
    // A frame of 2 and the name; a ping of 2 and 2; a pong of 2, a key of 4, and 2.
    talk.serve_until([&] { return talk.participant->counts().received.messages == 3; });
    expect_flow(talk.participant->counts().received, flow(5, 2 + 6 + 4, answer.size(), 3));
    expect_flow(talk.participant->counts().sent, flow(5, 6 + 8, asked, 3));
    CHECK(talk.participant->counts().requests == 1);
}

TEST_CASE("of an event stream, all around the text is framing, comments too") {
    Talk talk("sse");
    Connection stream = talk.accept();
    const std::string host =
        "Host: 127.0.0.1:" + talk.listener.port() + "\r\nAccept-Encoding: identity\r\n";
    const std::string request = "GET /events HTTP/1.1\r\n" + host +
                                "Accept: text/event-stream\r\nCache-Control: no-store\r\n\r\n";
    stream.expect(request, "the stream is asked for");
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    const std::string body = "retry: 9\n\n: ping\n\nid: 1\ndata: User: hello\n\n";
    stream.send(head + body);
    CHECK(talk.hear() == kHello);
    expect_flow(talk.participant->counts().sent, flow(0, 0, request.size(), 1));
    // The comment, and the event.
    expect_flow(talk.participant->counts().received, flow(5, body.size() - 5, head.size(), 2));

    talk.participant->say(kHello);
    Connection posting = talk.accept();
    const std::string post = "POST /publish?name=User HTTP/1.1\r\n" + host +
                             "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n";
    posting.expect(post + "hello", "it is posted");
    CHECK_FALSE(talk.participant->settled());
    const std::string receipt = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n";
    posting.send(receipt + "2\n");
    talk.serve_until([&] { return talk.participant->settled(); });
    expect_flow(talk.participant->counts().sent, flow(5, 0, request.size() + post.size(), 2));
    expect_flow(talk.participant->counts().received,
                flow(5, body.size() - 5 + 2, head.size() + receipt.size(), 3));
    CHECK(talk.participant->counts().requests == 2);
    CHECK(talk.participant->counts().connections == 2);
}

TEST_CASE("of an answer in JSON, all around the texts is framing") {
    Talk talk("longpoll");
    Connection server = talk.accept();
    const std::string host =
        "Host: 127.0.0.1:" + talk.listener.port() + "\r\nAccept-Encoding: identity\r\n\r\n";
    const std::string first = "GET /messages?after=9007199254740991&wait=0 HTTP/1.1\r\n" + host;
    server.expect(first, "where the chat is");
    const std::string empty = R"({"messages":[],"last":7,"gap":false,"epoch":"e"})";
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
    const std::string first_answer = head + "48\r\n\r\n";
    server.send(first_answer + empty);
    talk.serve_until([&] { return talk.participant->in(); });
    talk.send_all();
    const std::string second = "GET /messages?after=7&wait=25&epoch=e HTTP/1.1\r\n" + host;
    server.expect(second, "then it is parked");
    CHECK_MESSAGE(talk.participant->quiet(), "a parked request is no open question");
    const std::string news =
        R"({"messages":[{"id":8,"name":"User","text":"hello"}],"last":8,"gap":false,"epoch":"e"})";
    const std::string second_answer = head + std::to_string(news.size()) + "\r\n\r\n";
    server.send(second_answer + news);
    CHECK(talk.hear() == kHello);
    expect_flow(
        talk.participant->counts().received,
        flow(5, empty.size() + news.size() - 5, first_answer.size() + second_answer.size(), 2));
    const std::string third = "GET /messages?after=8&wait=25&epoch=e HTTP/1.1\r\n" + host;
    expect_flow(talk.participant->counts().sent,
                flow(0, 0, first.size() + second.size() + third.size(), 3));
}

TEST_CASE("a client that comes back asks for the messages that it missed") {
    Talk talk("sse");
    Connection stream = talk.accept();
    lab::test::receive_head(stream, "the stream is asked for");
    stream.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 41\ndata: User: a\n\n");
    CHECK(talk.hear() == "a");
    talk.participant->leave();
    CHECK_FALSE(talk.participant->in());
    stream.expect_end("it hangs up");
    talk.participant->come_back();
    Connection again = talk.accept();
    expect_bytes("41", lab::test::receive_head(again, "it asks again").value("Last-Event-ID"),
                 "resume");
    CHECK(talk.participant->counts().connections == 2);
}

TEST_CASE("a connection that the server ends after a silence is opened again") {
    Talk talk("sse");
    Connection stream = talk.accept();
    for (int i = 0; i < 2; ++i) {
        talk.participant->say(kHello);
        Connection posting = talk.accept();
        lab::test::receive_head(posting, "it is posted");
        posting.receive(kHello.size(), "the text");
        posting.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        talk.serve_until([&] { return talk.participant->settled(); });
        posting.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
        talk.serve_until([&] { return talk.participant->watched()[1].fd < 0; });
        posting.expect_end("it hangs up");
    }
    CHECK(talk.participant->counts().connections == 3);
}

TEST_CASE("a server that breaks off, with FIN or RST, is no silence") {
    for (const std::string transport : {"lines", "websocket", "sse", "longpoll", "ajax-10"}) {
        for (const bool reset : {false, true}) {
            Talk talk(transport);
            Connection server = talk.accept();
            if (reset) {
                server.reset();
            } else {
                server.finish();
            }
            const auto begin = Clock::now();
            CHECK_THROWS_AS_MESSAGE(talk.serve_until([] { return false; }), std::runtime_error,
                                    transport);
            CHECK(Clock::now() - begin < lab::test::kDeadline);
        }
    }
}

TEST_SUITE_END();
