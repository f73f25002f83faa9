// The contract of the client of 06_sse: what it prints, what it publishes, and when it leaves.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/06_sse/support/client.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::sse_client;
using namespace std::chrono_literals;

namespace {

const std::string kAnyPost = "each line of the input is POSTed to /publish";

void expect_refusal_shown(const std::string& answer, const std::vector<std::string>& words,
                          Place place = Place::here()) {
    Listener listener;
    Program client(url_client_command(kStep, url_of(listener.port())));
    expect_refusal_shown(listener, client, answer, words, place);
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("client asks for the stream and prints the data of each event") {
    Conversation talk;
    expect_bytes("GET /events HTTP/1.1\r\n", talk.request.first_line, "the stream is at /events");
    expect_bytes("text/event-stream", talk.request.value("Accept"), "say what you can read");
    expect_bytes("", talk.request.value("Last-Event-ID"), "nothing was seen yet");
    talk.stream.send("retry: 1000\n\nid: 1\ndata: Привіт 👋\n\n");
    talk.client.expect_output("Привіт 👋\n", "print the data of an event, and flush");
    talk.stream.send("id: 2\ndata: two\n\n");
    talk.client.expect_output("Привіт 👋\ntwo\n", "one event, one line");
}

TEST_CASE("client publishes each line under its name and leaves at the word exit") {
    Conversation talk({"--name", "Ada & Co"});
    talk.client.write_input("Привіт\nexit\nnever sent\n");
    Publishing publishing(talk.listener);
    const HttpResponse post = publishing.receive();
    // In a query both %20 and + stand for a space.
    if (post.head.first_line != "POST /publish?name=Ada+%26+Co HTTP/1.1\r\n") {
        expect_bytes("POST /publish?name=Ada%20%26%20Co HTTP/1.1\r\n", post.head.first_line,
                     "percent-encode the name");
    }
    if (!lower(post.head.value("Content-Type")).starts_with("text/plain"))
        fail("Content-Type: text/plain", post.head.fields, kAnyPost);
    expect_bytes("Привіт", post.body, "the line without its end");
    publishing.accept_as(1);
    if (talk.client.ends_within(100ms))
        fail("it is still running", "it has left", "wait until all of one's own has come back");
    talk.stream.send("id: 1\ndata: Ada & Co: Привіт\n\n");
    talk.client.expect_exit(0, "exit leaves, once one's own has come back");
    talk.client.expect_output("Ada & Co: Привіт\n", "print what came before the end");
}

TEST_CASE("client leaves at the end of its input after its own texts have come back") {
    Conversation talk;
    talk.client.write_input("one\ntwo");
    talk.client.end_input();
    Publishing publishing(talk.listener);
    publishing.expect("one");
    publishing.accept_as(1);
    publishing.expect("two");
    publishing.accept_as(2);
    if (talk.client.ends_within(100ms))
        fail("it is still running", "it has left", "wait until all of one's own has come back");
    talk.stream.send("id: 1\ndata: User: one\n\nid: 2\ndata: User: two\n\n");
    talk.client.expect_exit(0, "the end of the input leaves");
    talk.client.expect_output("User: one\nUser: two\n", "print what came before the end");
}

TEST_CASE("two clients talk through the server") {
    const Server server(kStep);
    Program ada(url_client_command(kStep, url_of(server.port()), {"--name", "Ада"}));
    ada.write_input("Привіт\n");
    ada.expect_output("Ада: Привіт\n", "everyone gets each event, its publisher too");
    Program bob(url_client_command(kStep, url_of(server.port()), {"--name", "Bob"}));
    bob.write_input("hello\n");
    bob.expect_output("Bob: hello\n", "a reader that comes later sees only new events");
    ada.expect_output("Ада: Привіт\nBob: hello\n", "everyone gets each published event");
    bob.write_input("exit\n");
    bob.expect_exit(0, "exit leaves");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("client reads a file as it reads a terminal") {
    const Server server(kStep);
    std::string lines;
    std::string heard;
    for (int i = 0; i < 100; ++i) {
        lines += "line " + std::to_string(i) + "\n";
        heard += "User: line " + std::to_string(i) + "\n";
    }
    Program client({"sh", "-c", R"(printf '%s' "$1" | "$0" client "$2")", path_of(kStep), lines,
                    url_of(server.port())});
    client.expect_exit(0, "the end of the file is the end of the input");
    client.expect_output(heard, "all of it came back before the client left");
}

TEST_CASE("client publishes over one connection that is kept") {
    Conversation talk;
    talk.client.write_input("one\n");
    Publishing publishing(talk.listener);
    for (int i = 1; i <= 3; ++i) {
        publishing.receive();
        publishing.accept_as(i);
        talk.stream.send("id: " + std::to_string(i) + "\ndata: x\n\n");
        talk.client.write_input("next\n");
    }
    publishing.expect("next");
}

TEST_CASE("client publishes over a new connection when the server has ended the old one") {
    Conversation talk;
    talk.client.write_input("one\n");
    {
        Publishing publishing(talk.listener);
        publishing.expect("one");
        publishing.accept_as(1);
    }
    talk.stream.send("id: 1\ndata: User: one\n\n");
    talk.client.expect_output("User: one\n", "print what comes");
    talk.client.write_input("two\n");
    Publishing again(talk.listener);
    again.expect("two");
    again.accept_as(2);
    talk.stream.send("id: 2\ndata: User: two\n\n");
    talk.client.write_input("exit\n");
    talk.client.expect_exit(0, "all has come back");
    if (talk.client.errors().find("not known") != std::string::npos)
        fail("nothing lost", talk.client.errors(), "the first was answered before the end");
}

TEST_CASE("client says so when it cannot know whether a text was published and goes on") {
    Conversation talk;
    talk.client.write_input("one\ntwo\n");
    {
        Publishing publishing(talk.listener);
        publishing.expect("one");
    }
    talk.client.expect_error("not known whether it was published",
                             "the connection ended before the answer came: it may be there or not");
    Publishing again(talk.listener);
    again.expect("two");
    again.accept_as(2);
    talk.stream.send("id: 2\ndata: User: two\n\n");
    talk.client.end_input();
    talk.client.expect_exit(1, "the next text is published all the same; not all is known");
}

TEST_CASE("client says that a text was refused and why and goes on") {
    Conversation talk;
    talk.client.write_input("one\ntwo\n");
    Publishing publishing(talk.listener);
    publishing.expect("one");
    publishing.connection.send(http_response("413 Content Too Large", "far too long\n"));
    talk.client.expect_error("413", "say that it was refused");
    publishing.expect("two");
    publishing.accept_as(1);
    talk.stream.send("id: 1\ndata: User: two\n\n");
    talk.client.write_input("exit\n");
    talk.client.expect_exit(1, "the client does not wait for a refused line, but not all was done");
}

TEST_CASE("client leaves after 2 s at most although its texts do not come back") {
    Conversation talk;
    talk.client.write_input("hello?\n");
    talk.client.end_input();
    Publishing publishing(talk.listener);
    publishing.expect("hello?");
    const auto begin = std::chrono::steady_clock::now();
    publishing.accept_as(1);
    talk.client.expect_exit(0, "wait, but not for ever");
    const auto passed = std::chrono::steady_clock::now() - begin;
    if (passed < 1s || took_longer(passed, 6s)) fail("2 s", "much less or more", "wait for 2 s");
}

TEST_CASE("client does not publish a line that is not UTF-8 and says so") {
    Conversation talk;
    talk.client.write_input("\xff\xfe\nfine\n");
    Publishing publishing(talk.listener);
    publishing.expect("fine");
    talk.client.expect_error("UTF-8", "text has to be UTF-8: say that the line was not published");
}

TEST_CASE("client that is refused says which and why and exits with 1") {
    expect_refusal_shown(http_response("503 Service Unavailable", "full\n"), {"503"});
    expect_refusal_shown(http_response("404 Not Found", "nothing\n"), {"404"});
    expect_refusal_shown(http_response("301 Moved Permanently", ""), {"301"});
    expect_refusal_shown(http_response("200 OK", "data: x\n\n"), {"text/plain"});
    expect_refusal_shown("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {"type"});
    expect_refusal_shown(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        "Content-Encoding: gzip\r\n\r\n\x1f\x8b",
        {"compressed"});
    expect_refusal_shown("SSH-2.0-OpenSSH_9.2\r\n", {"06_sse: "});
    expect_refusal_shown("", {"06_sse: "});
}

TEST_CASE("client ends in peace when the server says 204") {
    Listener listener;
    Program client(url_client_command(kStep, url_of(listener.port())));
    Connection server = listener.accept();
    receive_request(server, "send a request");
    server.send("HTTP/1.1 204 No Content\r\n\r\n");
    client.expect_exit(0, "204 says: do not come back. That is no error");
    client.expect_error("204", "say why it ends");
}

TEST_CASE("client says that nobody listens and exits with 1") {
    Program client(url_client_command(kStep, url_of(free_port())));
    client.expect_exit(1, "ECONNREFUSED: exit 1");
    client.expect_error("Connection refused\n", "one line on stderr: program, address, reason");
}

TEST_CASE("client exits with 1 when the URL is none and says why") {
    for (const std::string url : {"https://127.0.0.1:1", "ws://127.0.0.1:1", "127.0.0.1:1",
                                  "http://", "http://127.0.0.1:70000"}) {
        Program client(url_client_command(kStep, url));
        client.expect_exit(1, "exit 1: " + url);
        client.expect_error("06_sse: ", "one line on stderr says why: " + url);
    }
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("full");

TEST_CASE("client takes a 408 that answers nothing for the end of the connection") {
    Conversation talk;
    talk.client.write_input("one\n");
    {
        Publishing publishing(talk.listener);
        publishing.expect("one");
        publishing.accept_as(1);
        publishing.connection.send(http_response("408 Request Timeout", "too slow\n"));
    }
    talk.stream.send("id: 1\ndata: User: one\n\n");
    talk.client.expect_output("User: one\n", "print what comes");
    talk.client.write_input("two\n");
    Publishing again(talk.listener);
    again.expect("two");
    again.accept_as(2);
    talk.stream.send("id: 2\ndata: User: two\n\n");
    talk.client.end_input();
    talk.client.expect_exit(0, "RFC 9110, section 15.5.9: it says that the server waits no more");
    expect_bytes("", talk.client.errors(), "nobody has asked, so nothing was refused");
}

TEST_SUITE_END();
