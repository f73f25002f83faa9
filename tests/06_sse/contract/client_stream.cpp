// The contract of the client of 06_sse: how it reads an event stream, and comes back to it.
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/06_sse/support/client.hpp"
#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::sse_client;
using namespace std::chrono_literals;

namespace {

// The client prints `output` for `stream`, whole and byte by byte.
void expect_printed(std::string_view stream, std::string_view output, const std::string& hint,
                    Place place = Place::here()) {
    for (const auto& pieces : {std::vector<std::string_view>{stream}, in_pieces(stream, 1)}) {
        Conversation talk;
        for (const std::string_view piece : pieces) talk.stream.send(piece, place);
        talk.stream.send("data: that is all\n\n", place);
        talk.client.expect_output(std::string(output) + "that is all\n", hint, place);
    }
}

// After `stream` the client comes back with this Last-Event-ID.
void expect_resumed(const std::string& stream, const std::string& id, const std::string& hint,
                    Place place = Place::here()) {
    Conversation talk;
    talk.stream.send("retry: 1\n\n" + stream, place);
    talk.end_stream(place);
    expect_bytes(id, talk.request.value("Last-Event-ID"), hint, place);
    if (id.empty() && lower(talk.request.fields).find("last-event-id") != std::string::npos)
        fail("no Last-Event-ID", talk.request.fields, hint, place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("client reads the examples of the standard") {
    expect_printed(
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
        "data:  third event\n\n",
        "first event\nsecond event\n third event\n", "WHATWG, HTML, 9.2.6");
    expect_printed("data: YHOO\ndata: +2\ndata: 10\n\n", "YHOO\\n+2\\n10\n", "WHATWG, HTML, 9.2.6");
    expect_printed("data\n\ndata\ndata\n\n", "\n\\n\n",
                   "`data` is an empty line, twice it is two: events are there");
    expect_printed("data:test\n\ndata: test\n\n", "test\ntest\n", "one space is no part of it");
    expect_printed("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
                   "[add] 73857293\n[remove] 2153\n", "a type belongs to one event");
}

TEST_CASE("client takes LF and CRLF and CR for line ends") {
    const std::string hint = "WHATWG, HTML, 9.2.5: end-of-line = ( cr lf / cr / lf )";
    expect_printed("data: a\r\ndata: b\r\n\r\n", "a\\nb\n", hint);
    expect_printed("data: a\rdata: b\r\r", "a\\nb\n", hint);
    expect_printed("data: a\r\ndata: b\n\rdata: c\r\n\n", "a\\nb\nc\n", hint);
}

TEST_CASE("client passes over a BOM and comments and unknown fields") {
    expect_printed(
        "\xEF\xBB\xBF"
        "data: a\n\n",
        "a\n", "one BOM at the beginning is no part of it");
    expect_printed(
        "data: a\n\xEF\xBB\xBF"
        "data: x\n\n",
        "a\n", "further on it is a character");
    expect_printed(":\n: ping\n\n:data: x\n\ndata: a\n: between\ndata: b\n\n", "a\\nb\n",
                   "a line that begins with a colon is a comment");
    expect_printed("Data: x\ndata : x\n data: x\ndatax: x\nfoo: bar\nbaz\ndata: a\n\n", "a\n",
                   "names of fields are exact, and what is unknown is passed over");
    expect_printed("event: x\nid: 5\n\n\n\nevent: x\n\ndata: a\n\n", "a\n",
                   "without data there is no event, and its type is forgotten");
    expect_printed("data: a:b: c\nevent:\n\n", "a:b: c\n", "only the first colon separates");
}

TEST_CASE("client comes back with the id of the last event that was whole") {
    expect_resumed("id: 7\ndata: a\n\n", "7", "Last-Event-ID");
    expect_resumed("id: 7\ndata: a\n\nid: 8\ndata: b\n", "7",
                   "an event that the end cuts is dropped, and its id with it");
    expect_resumed("id: 7\ndata: a\n\ndata: b\n\n", "7", "an event without an id keeps the last");
    expect_resumed("id: 7\ndata: a\n\nid: 8\n\n", "8", "an id counts without data too");
    expect_resumed("id: 7\ndata: a\n\nid\ndata: b\n\n", "", "an empty id forgets the last one");
    expect_resumed("id: 7\ndata: a\n\nid: 8" + std::string(1, '\0') + "\ndata: b\n\n", "7",
                   "an id with NUL is passed over");
    expect_resumed("id: ї 1\ndata: a\n\n", "ї 1", "an id is any text: UTF-8");
    expect_resumed("data: a\n\n", "", "no id was given");
}

TEST_CASE("client drops half of an event at the end of the stream") {
    Conversation talk;
    talk.stream.send("retry: 1\n\ndata: whole\n\ndata: half\n");
    talk.end_stream();
    talk.stream.send(std::string(kStreamHead) + "data: next\n\n");
    talk.client.expect_output("whole\nnext\n", "an event ends with an empty line, or is none");
}

TEST_CASE("client waits before it comes back for as long as the last retry said") {
    Conversation talk;
    talk.stream.send("retry: 100\n\nretry: 700\n\nretry: x\nretry: -5\nretry: 1 s\nretry\n\n");
    for (int i = 0; i < 2; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        talk.end_stream();
        const auto passed = std::chrono::steady_clock::now() - begin;
        if (passed < 600ms || took_longer(passed, 1900ms))
            fail("700 ms", "less, or much more", "digits only are a retry, and it stays");
        talk.stream.send(kStreamHead);
    }
}

TEST_CASE("client waits for 2 s before it comes back when no retry was given") {
    Conversation talk;
    talk.stream.send("data: a\n\n");
    talk.client.expect_output("a\n", "print what comes");
    const auto begin = std::chrono::steady_clock::now();
    talk.end_stream();
    const auto passed = std::chrono::steady_clock::now() - begin;
    if (passed < 1500ms || took_longer(passed, 6s))
        fail("2 s", "less, or much more", "2 s by default");
}

TEST_CASE("client comes back after a reset too and says that the connection was lost") {
    Conversation talk;
    talk.stream.send("retry: 1\n\nid: 3\ndata: a\n\n");
    talk.client.expect_output("a\n", "print what comes");
    talk.stream.reset();
    talk.stream = accept_reader(talk.listener, talk.request);
    expect_bytes("3", talk.request.value("Last-Event-ID"), "Last-Event-ID");
    talk.stream.send(std::string(kStreamHead) + "id: 4\ndata: b\n\n");
    talk.client.expect_output("a\nb\n", "go on where it was");
    if (talk.client.errors().empty()) fail("words on stderr", "none", "say that it was lost");
}

TEST_CASE("client understands a stream in chunks wherever they cut it") {
    Conversation talk({}, Streams::pipes,
                      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n");
    talk.stream.send(chunk("id: 1\nda") + chunk("ta: a\n") + chunk("\nid: 2\ndata: \xD0"));
    talk.stream.send(chunk("\xB0\n\n"));
    talk.client.expect_output("a\nа\n", "chunks are no events: take the framing off first");
    talk.stream.send(chunk("retry: 1\n\n").append(kLastChunk));
    talk.stream = accept_reader(talk.listener, talk.request);
    expect_bytes("2", talk.request.value("Last-Event-ID"), "the last chunk ends the stream");
}

TEST_CASE("client takes the head of a stream as a browser does") {
    for (const std::string fields : {"Content-Type: text/event-stream;bogus\r\n",
                                     "Content-Type: Text/Event-Stream ; a=\"b;c\r\n",
                                     "Content-Type:\r\n text/event-stream\r\n",
                                     "X: a\r\n\tb\r\n c\r\nContent-Type: text/event-stream\r\n",
                                     "Content-Type: text/event-stream\r\n"
                                     "Content-Encoding: identity\r\n"}) {
        Conversation talk({}, Streams::pipes, "HTTP/1.1 200 OK\r\n" + fields + "\r\n");
        talk.stream.send("data: a\n\n");
        talk.client.expect_output("a\n", "WHATWG, MIME Sniffing, 4.4; RFC 9112, 5.2: " + fields);
        expect_bytes("identity", talk.request.value("Accept-Encoding"), "ask for no compression");
    }
}

TEST_CASE("client stops for good at 204 and at an answer that is no event stream") {
    for (const bool is_204 : {true, false}) {
        Conversation talk;
        talk.stream.send("retry: 1\n\ndata: a\n\n");
        talk.end_stream();
        talk.stream.send(is_204 ? "HTTP/1.1 204 No Content\r\n\r\n"
                                : http_response("200 OK", "data: b\n\n"));
        talk.client.expect_exit(is_204 ? 0 : 1, "WHATWG, HTML, 9.2.2: then it does not come back");
        talk.client.expect_output("a\n", "nothing of that is an event");
    }
}

TEST_CASE("client backs off while nobody listens and comes back when the server does") {
    const std::string port = free_port();
    const std::vector<std::string> command{path_of(kStep), "server",  "--port",
                                           port,           "--retry", "100"};
    std::optional<Server> server(std::in_place, command);
    Program client(url_client_command(kStep, url_of(port)));
    client.write_input("one\ntwo\nthree\n");
    const std::string before = "User: one\nUser: two\nUser: three\n";
    client.expect_output(before, "everyone gets each published event");
    server.reset();
    client.expect_error("next try", "say when you try again");
    server.emplace(command);
    publish(*server, "four");
    publish(*server, "five");
    client.expect_output(before + "four\nfive\n",
                         "the new run does not know the id 3: it sends all that it has");
    client.write_input("six\nexit\n");
    client.expect_exit(0, "and then all is as before");
    client.expect_output(before + "four\nfive\nUser: six\n", "and then all is as before");
}

TEST_CASE("client that is behind when the server drops it loses nothing") {
    const Server server(kStep, {"--retry", "50"});
    Conversation talk;
    // A relay that cuts the stream after each event: the client comes back to the server through
    // it each time.
    Publisher publisher(server);
    for (int i = 1; i <= 5; ++i) publisher.publish(std::to_string(i));
    std::string id = "0";
    std::string printed;
    talk.stream.send("retry: 1\n\n");
    for (int i = 1; i <= 5; ++i) {
        talk.end_stream();
        const std::string seen = talk.request.value("Last-Event-ID");
        EventStream upstream(server, "/events", last_event_id(seen.empty() ? "0" : seen));
        const StreamEvent event = upstream.receive("what was missed");
        talk.stream.send(std::string(kStreamHead) + "id: " + event.id + "\ndata: " + event.data +
                         "\n\nid: lost\ndata: lo");
        printed += std::to_string(i) + "\n";
        talk.client.expect_output(printed, "each event once and in order");
    }
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("client takes an event of a MiB less a little and no line without an end") {
    const std::string large = text_of(1'000'000);
    Conversation talk;
    talk.stream.send("data: " + large + "\n\n");
    talk.client.expect_output(large + "\n", "an event may be long");
    talk.stream.send_until_full("data: " + std::string(3'000'000, 'x'), 2000ms);
    talk.client.expect_exit(1, "bound a line and an event: 1 MiB");
}

TEST_SUITE_END();
