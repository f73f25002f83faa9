// The contract of the client of 06_sse: how long it waits, what it tries again, and when it gives
// up.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/06_sse/support/client.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"

using namespace lab::test;
using namespace lab::test::sse_client;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

const std::string kFloor =
    "a wait has a floor, and grows until a connection has lasted, whatever a server says";

// The client's next try is answered with `answer`. Returns when: what it does then, comes later.
Clock::time_point answer_try(Conversation& talk, std::string_view answer,
                             Place place = Place::here()) {
    talk.stream = accept_reader(talk.listener, talk.request, place);
    const auto begin = Clock::now();
    talk.stream.send(answer, place);
    talk.stream.finish();
    return begin;
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("client does not connect again and again to a stream that says retry 0 and ends") {
    Conversation talk;
    const auto begin = Clock::now();
    talk.stream.send("retry: 0\n\n");
    talk.stream.finish();
    for (int i = 0; i < 3; ++i) answer_try(talk, std::string(kStreamHead) + "retry: 0\n\n");
    // At least 0.25 s, 0.5 s and 1 s.
    if (Clock::now() - begin < 1700ms) fail("1.75 s for three tries", "less", kFloor);
}

TEST_CASE("client takes a retry that is too large for none that is too small") {
    Conversation talk;
    talk.stream.send("retry: 99999999999999999999\n\nretry: 18446744073709551617\n\n");
    talk.stream.finish();
    talk.client.expect_error("next try in ", "say when you try again");
    CHECK_MESSAGE(!talk.listener.try_accept(1500ms), "no number may wrap around to a small one");
}

TEST_CASE("client that was connected goes on after refusals that can pass") {
    Conversation talk;
    talk.stream.send("retry: 1\n\nid: 7\ndata: a\n\n");
    talk.stream.finish();
    for (const std::string status : {"502 Bad Gateway", "503 Service Unavailable"})
        answer_try(talk, http_response(status, "for now\n"));
    talk.stream = accept_reader(talk.listener, talk.request);
    expect_bytes("7", talk.request.value("Last-Event-ID"), "nothing is lost by a refusal");
    talk.stream.send(std::string(kStreamHead) + "id: 8\ndata: b\n\n");
    talk.client.expect_output("a\nb\n", "a proxy that restarts says 502, and then no more");
    talk.client.expect_error("refused: 502", "say why it does not come back at once");
}

TEST_CASE("client waits for as long as Retry-After says") {
    Conversation talk;
    talk.stream.send("retry: 1\n\ndata: a\n\n");
    talk.stream.finish();
    const auto begin =
        answer_try(talk, http_response("429 Too Many Requests", "slowly\n", "Retry-After: 2\r\n"));
    talk.stream = accept_reader(talk.listener, talk.request);
    if (Clock::now() - begin < 1900ms) fail("2 s", "less", "RFC 9110, 10.2.3: Retry-After");
}

TEST_CASE("client that was connected gives up after a refusal that cannot pass") {
    Conversation talk;
    talk.stream.send("retry: 1\n\ndata: a\n\n");
    talk.stream.finish();
    answer_try(talk, http_response("403 Forbidden", "never\n"));
    talk.client.expect_exit(1, "403 says no, and will say no again");
    talk.client.expect_error("403", "say which refusal it was");
}

TEST_CASE("client follows redirects and asks for the rest with the same id") {
    for (const std::string status : {"301", "302", "303", "307", "308"}) {
        Listener elsewhere;
        Listener first;
        Program client(url_client_command(kStep, url_of(first.port()), {"--last-event-id", "41"}));
        HttpHead request;
        accept_reader(first, request)
            .send("HTTP/1.1 " + status + " Elsewhere\r\nContent-Length: 0\r\nLocation: " +
                  url_of(elsewhere.port()) + "/a/b?c=d#e\r\n\r\n");
        Connection second = elsewhere.accept();
        request = receive_request(second, "follow the redirect").head;
        expect_bytes("GET /a/b?c=d HTTP/1.1\r\n", request.first_line, "a fragment stays at home");
        expect_bytes("41", request.value("Last-Event-ID"), "the new address gets the id too");
        second.send("HTTP/1.1 " + status +
                    " Back\r\nContent-Length: 0\r\nLocation: ../x/./events\r\n\r\n");
        Connection third = elsewhere.accept();
        request = receive_request(third, "follow the next redirect").head;
        expect_bytes("GET /x/events HTTP/1.1\r\n", request.first_line, "RFC 3986, 5.2: resolve it");
        third.send(std::string(kStreamHead) + "data: here\n\n");
        client.expect_output("here\n", "EventSource follows redirects, so does this client");
        // The user's text goes to the address that the user gave.
        client.write_input("hello\n");
        Publishing publishing(first);
        publishing.expect("hello");
        third.finish();
        accept_reader(first, request);
    }
}

TEST_CASE("client follows no more than 20 redirects and none to another scheme") {
    const std::string nowhere = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ";
    for (const std::string location : {"https://127.0.0.1/events", "ftp://127.0.0.1/", "//"}) {
        Listener listener;
        Program client(url_client_command(kStep, url_of(listener.port())));
        HttpHead request;
        accept_reader(listener, request).send(nowhere + location + "\r\n\r\n");
        client.expect_exit(1, "only http is spoken here: " + location);
        client.expect_error("06_sse: ", "say where it led");
    }
    Listener listener;
    Program client(url_client_command(kStep, url_of(listener.port())));
    HttpHead request;
    for (int i = 0; i <= 20; ++i)
        accept_reader(listener, request).send(nowhere + "/events\r\n\r\n");
    client.expect_exit(1, "a redirect may lead back to itself: follow 20, as browsers do");
    client.expect_error("20", "say that there are too many");
}

TEST_CASE("client passes over interim answers") {
    Conversation talk({}, Streams::pipes,
                      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                          std::string(kStreamHead));
    talk.stream.send("data: a\n\n");
    talk.client.expect_output("a\n", "RFC 9110, 15.2: 1xx come before the answer");
}

TEST_CASE("client publishes a text again that the server could not take") {
    Conversation talk;
    talk.client.write_input("one\n");
    Publishing publishing(talk.listener);
    for (const std::string status : {"503 Service Unavailable", "429 Too Many Requests"}) {
        publishing.expect("one");
        publishing.connection.send(http_response(status, "later\n"));
    }
    publishing.expect("one");
    publishing.accept_as(1);
    talk.stream.send("id: 1\ndata: User: one\n\n");
    talk.client.end_input();
    talk.client.expect_exit(0, "in the end all was published");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("client gives up a server that accepts the connection and says nothing") {
    Listener listener;
    Program client(url_client_command(kStep, url_of(listener.port()), {"--timeout", "1"}));
    const Connection silent = listener.accept();
    client.expect_exit(1, "an answer has a time limit");
    client.expect_error("nothing has come for 1 s", "say why it gives up");
}

TEST_CASE("client without input gives up a server that says nothing") {
    Listener listener;
    Program client(url_client_command(kStep, url_of(listener.port()), {"--timeout", "3"}));
    client.end_input();
    const Connection silent = listener.accept();
    client.expect_exit(1, "a stream that never began was not read to its end");
    client.expect_error("nothing has come for 3 s", "say why it gives up");
}

TEST_CASE("client notices that its server has vanished without a word and loses nothing") {
    Conversation talk({"--timeout", "4"});
    talk.stream.send("id: 7\ndata: a\n\n");
    talk.client.expect_output("a\n", "print what comes");
    // This connection stays open, and nothing comes on it: neither data nor FIN.
    const Connection silent = std::exchange(talk.stream, talk.listener.accept());
    talk.request = receive_request(talk.stream, "comments are missing: come back").head;
    expect_bytes("7", talk.request.value("Last-Event-ID"), "Last-Event-ID");
    talk.stream.send(std::string(kStreamHead) + "id: 8\ndata: b\n\n");
    talk.client.expect_output("a\nb\n", "nothing is lost");
}

TEST_CASE("client does not wait for ever for the answer to a text") {
    Conversation talk({"--timeout", "6"});
    talk.client.write_input("one\n");
    Publishing publishing(talk.listener);
    publishing.expect("one");
    talk.client.expect_error("not known whether it was published", "an answer has a time limit");
}

TEST_CASE("client that prints to a full disk says so and exits with 1") {
    expect_lost_output_told(kStep, {{"--help"}, {"client", "--help"}, {"server", "--port", "0"}});
    Listener listener;
    Program client(onto_full_disk(url_client_command(kStep, url_of(listener.port()))));
    HttpHead request;
    Connection stream = accept_reader(listener, request);
    stream.send(std::string(kStreamHead) + "data: a\n\n");
    expect_full_disk_told(kStep, client);
}

TEST_CASE("client leaves at once when nobody reads what it prints") {
    Listener listener;
    Program client(into_head(url_client_command(kStep, url_of(listener.port()))));
    HttpHead request;
    Connection stream = accept_reader(listener, request);
    stream.send(std::string(kStreamHead) + "data: a\n\n");
    expect_end_without_reader(client, "a\n");
}

TEST_CASE("client publishes all lines before one that is too long and exits with 1") {
    Conversation talk;
    // The end of it fits into the pipe: the client reads no more than it has to.
    talk.client.write_input("one\n" + std::string(1'080'000, 'x'));
    Publishing publishing(talk.listener);
    publishing.expect("one");
    publishing.accept_as(1);
    talk.stream.send("id: 1\ndata: User: one\n\n");
    talk.client.expect_exit(1, "a line was not sent: no success");
    talk.client.expect_error("too long", "say what was not sent");
}

TEST_SUITE_END();
