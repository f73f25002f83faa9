// 06_sse with others' HTTP: curl, Node, and nginx in front, where they are installed.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/socket.hpp"
#include "tests/06_sse/support/client.hpp"
#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::sse_client;
using namespace std::chrono_literals;

namespace {

EventStream stream_through(const Nginx& nginx, const std::string& fields = "",
                           Place place = Place::here()) {
    return {Connection(lab::connect_to("127.0.0.1", nginx.port())),
            http_request("GET", "/events", fields), place};
}

// Each event comes through nginx before the next is published.
void expect_at_once(const std::string& directives, const std::string& hint,
                    Place place = Place::here()) {
    const Server server(kStep, {}, place);
    const Nginx nginx(server, directives, "", place);
    EventStream stream = stream_through(nginx, "", place);
    for (int id = 1; id <= 5; ++id) {
        publish(server, "event " + std::to_string(id), "", place);
        stream.expect({std::to_string(id), "", "event " + std::to_string(id)}, hint, place);
    }
    EventStream again = stream_through(nginx, last_event_id("2"), place);
    again.expect_ids(3, 5, "Last-Event-ID goes through as any field does", place);
}

// A stream as another program prints it, which may stand there with any spaces and order of fields
// that the format allows.
struct PrintedStream {
    Program& program;
    std::string text;
    std::size_t heard = 0;

    // The next event that it prints must be this one.
    void expect(const StreamEvent& event, const std::string& hint, Place place = Place::here()) {
        while (events_in(text, place).size() <= heard)
            text += program.read_line(hint, kDeadline, place) + "\n";
        const StreamEvent got = events_in(text, place)[heard++];
        expect_bytes(event.id + " " + event.type + " " + event.data,
                     got.id + " " + got.type + " " + got.data, hint, place);
    }
};

// nginx would not gather what the server asks it not to.
const std::string kGather = "proxy_ignore_headers X-Accel-Buffering; ";

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("curl reads the stream and publishes a form and a text") {
    if (curl_command({})[0].empty()) return skip("curl", "curl");
    const Server server(kStep);
    const std::string url = url_of(server.port());
    Program reads(curl_command({url + "/events"}));
    PrintedStream stream{reads, {}};
    reads.read_line("curl --no-buffer prints all that comes, the retry first");
    Program form(curl_command({"--data-urlencode", "text=Привіт 👋", "--data-urlencode",
                               "name=Ада & Co", url + "/publish"}));
    form.expect_exit(0, "a form is accepted");
    expect_bytes("1\n", form.output(), "the answer is the id");
    stream.expect({"1", "", "Ада & Co: Привіт 👋"}, "everyone gets each published event");
    Program text(curl_command({"--header", "Content-Type: text/plain", "--data-binary", "one\ntwo",
                               url + "/publish?event=news"}));
    text.expect_exit(0, "text/plain is accepted");
    expect_bytes("2\n", text.output(), "the answer is the id");
    stream.expect({"2", "news", "one\ntwo"}, "each line is a data line");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("curl publishes in chunks and waits for 100 and keeps its connection") {
    if (curl_command({})[0].empty()) return skip("curl", "curl");
    const Server server(kStep);
    const std::string url = url_of(server.port()) + "/publish";
    const std::string publish_text = "Content-Type: text/plain";
    Program chunks(curl_command({"--header", publish_text, "--header", "Transfer-Encoding: chunked",
                                 "--data-binary", "in chunks", url}));
    chunks.expect_exit(0, "curl sends a body of unknown length in chunks");
    expect_bytes("1\n", chunks.output(), "202");
    Program waits(
        curl_command({"--header", publish_text, "--header", "Expect: 100-continue",
                      "--expect100-timeout", "60", "--data-binary", text_of(50'000), url}));
    waits.expect_exit(0, "curl waits for 100 before it sends the body");
    expect_bytes("2\n", waits.output(), "202");
    Program kept(curl_command({"--header", publish_text, "--data-binary", "x", "--write-out",
                               "%{http_code} %{num_connects}\n", url, url, url}));
    kept.expect_exit(0, "three requests");
    expect_bytes("3\n202 1\n4\n202 0\n5\n202 0\n", kept.output(), "one connection for all three");
}

TEST_CASE("curl that speaks HTTP 1.0 reads the stream too") {
    if (curl_command({})[0].empty()) return skip("curl", "curl");
    const Server server(kStep);
    publish(server, "one");
    Program reads(curl_command(
        {"--http1.0", "--header", "Last-Event-ID: 0", url_of(server.port()) + "/events"}));
    PrintedStream{reads, {}}.expect({"1", "", "one"}, "the connection is the body");
}

TEST_CASE("Node reads the stream as it comes and sees its end") {
    auto command = interop_command("sse_reader.mjs");
    if (command[0].empty()) return skip("Node with fetch", "nodejs");
    Server server(kStep);
    publish(server, "Привіт 👋");
    command.push_back(url_of(server.port()) + "/events");
    Program reads(command);
    PrintedStream stream{reads, {}};
    stream.expect({"1", "", "Привіт 👋"}, "fetch gives the body bit by bit");
    publish(server, "two");
    stream.expect({"2", "", "two"}, "fetch gives the body bit by bit");
    server.expect_clean_end();
    reads.expect_exit(0, "SIGTERM ends the stream in order: that is no error");
}

TEST_CASE("client talks to a server in Node") {
    const auto command = interop_command("sse_server.mjs");
    if (command[0].empty()) return skip("Node with fetch", "nodejs");
    const Server server(command);
    Program client(url_client_command(kStep, url_of(server.port()), {"--name", "Ада"}));
    client.write_input("Привіт\n");
    client.expect_output("Ада: Привіт\n", "Node sends the stream in chunks, and lines with CRLF");
    client.write_input("Hello\nexit\n");
    client.expect_exit(0, "exit leaves, once one's own has come back");
    client.expect_output("Ада: Привіт\nАда: Hello\n", "what was said before the end");
}

TEST_CASE("events come through nginx at once because the server asks for it") {
    if (!Nginx::is_there()) return;
    expect_at_once("proxy_buffering on;", "X-Accel-Buffering: no");
}

TEST_CASE("events come through nginx at once when it is told to buffer nothing") {
    if (!Nginx::is_there()) return;
    expect_at_once(kGather + "proxy_buffering off;", "proxy_buffering off");
    expect_at_once(kGather + "proxy_buffering off; proxy_http_version 1.1;", "HTTP/1.1 too");
}

TEST_CASE("the stream runs over HTTP 2 between curl and nginx") {
    if (!Nginx::is_there()) return;
    if (curl_command({})[0].empty()) return skip("curl", "curl");
    const Server server(kStep);
    const Nginx nginx(server, "", "http2");
    Program reads(curl_command({"--http2-prior-knowledge", nginx.url() + "/events"}));
    PrintedStream stream{reads,
                         reads.read_line("HTTP/2 carries a body that never ends too") + "\n"};
    publish(server, "Привіт");
    stream.expect({"1", "", "Привіт"}, "each event comes at once, in a DATA frame");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("nginx that buffers keeps events back until the stream ends") {
    if (!Nginx::is_there()) return;
    Server server(kStep, {"--trace"});
    const Nginx nginx(server, kGather + "proxy_buffering on;");
    Connection client(lab::connect_to("127.0.0.1", nginx.port()));
    client.send(http_request("GET", "/events"));
    server.expect_error("retry:", "the stream is open at the server");
    publish(server, "kept back");
    if (client.wait_for_bytes(300ms) && client.try_receive().find("kept back") != std::string::npos)
        fail("nothing yet", "the event", "this is what X-Accel-Buffering: no is for");
    server.expect_clean_end();
    const std::string hint = "at the end of the stream it comes";
    while (client.receive_line(hint).find("kept back") == std::string::npos) {
    }
}

TEST_CASE("a reader that vanishes at nginx gives its place at the server back") {
    if (!Nginx::is_there()) return;
    const Server server(kStep, {"--max-clients", "1"});
    const Nginx nginx(server);
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    for (int opened = 0; opened < 5;) {
        Connection reader(lab::connect_to("127.0.0.1", nginx.port()));
        reader.send(http_request("GET", "/events"));
        if (receive_head(reader, "200 or 503").status() == 200) ++opened;
        reader.reset();
        if (std::chrono::steady_clock::now() > deadline) {
            fail("five readers, one after the other", std::to_string(opened),
                 "nginx ends its connection to the server, which has to notice");
        }
    }
}

TEST_CASE("clients talk through nginx and one that is cut off there comes back") {
    if (!Nginx::is_there()) return;
    const Server server(kStep, {"--retry", "100", "--ping", "60"});
    // nginx ends a stream on which nothing comes for so long: pings keep it open, here too late.
    const Nginx nginx(server, "proxy_read_timeout 1s;");
    Program client(url_client_command(kStep, nginx.url()));
    client.write_input("one\n");
    client.expect_output("User: one\n", "both the stream and the publication go through");
    client.expect_error("connected again", "nginx ends a silent connection: come back");
    publish(server, "two");
    client.expect_output("User: one\ntwo\n", "Last-Event-ID goes through");
    client.write_input("exit\n");
    client.expect_exit(0, "exit leaves");
}

TEST_SUITE_END();
