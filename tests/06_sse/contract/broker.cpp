// What our own 06_sse does with --broker: many servers, one room.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/program.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/server.hpp"
#include "tests/support/shared_room.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

std::vector<std::string> in_room(const Redis& redis, std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--broker", redis.room("lounge")});
    return options;
}

// Publishes `text`, which has to be accepted, and returns the id: "7-EPOCH".
std::string publish_there(const Server& server, const std::string& text,
                          const std::string& query = "", Place place = Place::here()) {
    const auto response = ask(server, publish_request(text, query), "the room takes it", place);
    expect_status(response, 202, "the room takes it", place);
    return response.body.substr(0, response.body.find('\n'));
}

// The number in an id.
int number(const std::string& id) {
    return std::atoi(id.c_str());
}

std::string epoch(const std::string& id) {
    return id.substr(id.find('-') + 1);
}

// The next event of `stream` has this number, and these contents.
void expect_event(EventStream& stream, const StreamEvent& expected, const std::string& hint,
                  Place place = Place::here()) {
    StreamEvent event = stream.receive(hint, place);
    event.id = event.id.substr(0, event.id.find('-'));
    if (event != expected)
        fail(expected.id + ": " + expected.data, event.id + ": " + event.data, hint, place);
}

void expect_numbers(EventStream& stream, int first, int last, const std::string& hint,
                    Place place = Place::here()) {
    for (int i = first; i <= last; ++i) {
        const StreamEvent event = stream.receive(hint, place);
        if (number(event.id) != i) fail(std::to_string(i), event.id, hint, place);
    }
}

StreamEvent gap(int first, int last) {
    return {"", "gap",
            "{\"first\":" + std::to_string(first) + ",\"last\":" + std::to_string(last) + "}"};
}

// A server with this broker ends with status 1, and says `why`.
void expect_no_start(const std::string& broker, const std::string& why,
                     Place place = Place::here()) {
    Program server(server_command(kStep, {"--broker", broker}), Streams::pipes, place);
    server.expect_exit(1, "without its broker a server does not start", kDeadline, place);
    server.expect_error(why, "one line says what is wrong with the broker", place);
    CHECK(server.output().empty());
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("servers of one room show the same events in the same order, whichever took them") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server one(kStep, in_room(redis)), other(kStep, in_room(redis));
    EventStream at_one(one), at_other(other);
    for (int i = 1; i <= 10; ++i) {
        const std::string text = "event " + std::to_string(i);
        const std::string id = publish_there(i % 2 ? one : other, text, "event=note");
        CHECK(number(id) == i);
        const StreamEvent event{id, "note", text};
        at_one.expect(event, "an event of any server goes to the streams of every server");
        at_other.expect(event, "an event of any server goes to the streams of every server");
    }
    // Another room of the same broker counts by itself.
    const Server elsewhere(kStep, {"--broker", redis.room("kitchen")});
    CHECK(number(publish_there(elsewhere, "alone")) == 1);
}

TEST_CASE("a reader that comes back at another server of the room gets what it missed") {
    if (!Redis::is_there()) return;
    const Redis redis;
    std::string first;
    {
        const Server one(kStep, in_room(redis));
        first = publish_there(one, "event");
        for (int i = 2; i <= 3; ++i) CHECK(number(publish_there(one, "event")) == i);
    }
    // It was not there when the events were published.
    const Server other(kStep, in_room(redis));
    EventStream stream(other, "/events", last_event_id(first));
    expect_numbers(stream, 2, 3, "the history is the room's, and not the server's");
    CHECK(number(publish_there(other, "event")) == 4);
    expect_numbers(stream, 4, 4, "ids go on where the room was");
}

TEST_CASE("a reader that has seen more than a server knows yet gets nothing twice") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server server(kStep, in_room(redis));
    const std::string first = publish_there(server, "event");
    // Another server has shown the reader two events that this one does not have yet.
    EventStream stream(server, "/events", last_event_id("3-" + epoch(first)));
    for (int i = 2; i <= 5; ++i) CHECK(number(publish_there(server, "event")) == i);
    expect_numbers(stream, 4, 5, "it has seen those before");
}

TEST_CASE("a reader of an earlier room is told so, however much there is in the new one") {
    if (!Redis::is_there()) return;
    Redis redis;
    Server server(kStep, in_room(redis));
    publish_there(server, "old");
    const std::string seen = publish_there(server, "old");
    redis.kill();
    redis.start();
    server.expect_error("connected again", "the server comes back to its broker by itself");
    // The new room is shorter than the old one, then equal, then longer.
    for (int last = 1; last <= 3; ++last) {
        CHECK(number(publish_there(server, "new")) == last);
        EventStream stream(server, "/events", last_event_id(seen));
        stream.expect(gap(0, 0), "an id of another room was never given here");
        expect_numbers(stream, 1, last, "all of the new room is new to it");
    }
}

TEST_CASE("a server of a room that ends sends its readers to another one soon") {
    if (!Redis::is_there()) return;
    const Redis redis;
    Server server(kStep, in_room(redis));
    EventStream stream(server);
    CHECK(stream.receive_retry("the pace of a stream that breaks") == "2000");
    server.send_signal(SIGTERM);
    CHECK(stream.receive_retry("another server is there already") == "250");
    stream.expect_end("a server that ends ends its streams");
    server.expect_exit(0, "it ends in order");
}

TEST_CASE("an event is confirmed once the broker has it, and not before") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server server(kStep, in_room(redis));
    EventStream stream(server);
    redis.pause();
    Connection publisher(server);
    publisher.send(publish_request("late"));
    // Everything else is answered meanwhile.
    expect_status(server, http_request("GET", "/"), 200, "a broker that is slow blocks nothing");
    CHECK(publisher.is_silent());
    redis.resume();
    const auto response = receive_response(publisher, "the broker has answered");
    CHECK(response.head.status() == 202);
    CHECK(response.body.starts_with("1-"));
    expect_event(stream, {"1", "", "late"}, "it is published once");
}

TEST_CASE("without the broker a server publishes nothing, and keeps its streams") {
    if (!Redis::is_there()) return;
    Redis redis;
    Server server(kStep, in_room(redis));
    EventStream stream(server);
    CHECK(number(publish_there(server, "before")) == 1);
    expect_numbers(stream, 1, 1, "the broker is there");
    redis.kill();
    server.expect_error("next try in", "the server notices that the broker has gone");
    const auto refused = ask(server, publish_request("meanwhile"), "the server has no broker");
    expect_status(refused, 503, "nothing is published that no other server would show");
    CHECK(refused.head.value("Retry-After") == "1");

    // The room that comes back is another one: it has forgotten everything.
    redis.start();
    server.expect_error("connected again", "the server comes back to its broker by itself");
    stream.expect(gap(0, 0), "the new room has none of the old one's events");
    CHECK(number(publish_there(server, "after")) == 1);
    expect_event(stream, {"1", "", "after"}, "the stream was kept");
}

TEST_CASE("a POST whose broker goes before it answers is told that nobody knows") {
    if (!Redis::is_there()) return;
    Redis redis;
    const Server server(kStep, in_room(redis));
    redis.pause();
    Connection publisher(server);
    publisher.send(publish_request("perhaps"));
    // The server has handed it on when it answers what came after it.
    expect_status(server, http_request("GET", "/"), 200, "a broker that is slow blocks nothing");
    redis.kill();
    const auto response = receive_response(publisher, "the connection to the broker is lost");
    expect_status(response, 504, "503 would say that nothing was done, and a client repeat it");
}

TEST_CASE("the client in the terminal says of such a text that nobody knows") {
    if (!Redis::is_there()) return;
    Redis redis;
    Server server(kStep, in_room(redis, {"--trace"}));
    Program client(url_client_command(kStep, "http://127.0.0.1:" + server.port()));
    client.write_input("before\n");
    CHECK(client.read_line("our own text comes back") == "User: before");
    redis.pause();
    client.write_input("perhaps\n");
    server.expect_error("\"perhaps\"", "the server gets it");
    expect_status(server, http_request("GET", "/"), 200, "the server has handed it on by now");
    redis.kill();
    client.expect_error("504: not known whether it was published: \"perhaps\"",
                        "the server does not know");
    client.end_input();
    client.expect_exit(1, "one text may be lost");
}

TEST_CASE("a room that has lost what it had confirmed is not gone on with") {
    if (!Redis::is_there()) return;
    const Redis redis;
    Server server(kStep, in_room(redis));
    EventStream stream(server);
    CHECK(number(publish_there(server, "confirmed")) == 1);
    expect_numbers(stream, 1, 1, "the event is in the room");
    redis.run("DEL lounge\r\nCLIENT KILL TYPE normal SKIPME yes\r\n");
    server.expect_error("it has lost entries: the last is 0, and we have seen 1",
                        "the next event would get an id that was given before");
    expect_status(server, publish_request("next"), 503, "nothing is published meanwhile");
    redis.run("DEL lounge:epoch\r\n");
    stream.expect(gap(0, 0), "a new room begins");
    server.expect_error("connected again", "the server comes back to its broker by itself");
    CHECK(number(publish_there(server, "new")) == 1);
}

TEST_CASE("a server that was cut off from its broker reads on, or tells what is gone") {
    if (!Redis::is_there()) return;
    const Redis redis;
    Server server(kStep, in_room(redis));
    EventStream stream(server);
    const std::string cut_off = "CLIENT KILL TYPE normal SKIPME yes\r\n";
    const std::string add = "XADD lounge 0-* data x\r\n";
    redis.run(cut_off + add + add);
    expect_numbers(stream, 1, 1, "what came while the server was cut off comes later");
    const std::string second = stream.receive("and the next").id;
    CHECK(number(second) == 2);
    redis.run(cut_off + add + add + add + "XTRIM lounge MAXLEN 1\r\n");
    stream.expect(gap(3, 4), "the broker has forgotten two of the events");
    expect_numbers(stream, 5, 5, "and has this one");
    EventStream later(server, "/events", last_event_id(second));
    later.expect(gap(3, 4), "one who comes back is told, too");
}

TEST_CASE("an entry that breaks the rules of an event is shown as a gap, and forges nothing") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server server(kStep, in_room(redis));
    EventStream stream(server);
    redis.run(
        "XADD lounge 0-* data x type \"a\\ndata: forged\"\r\n"
        "XADD lounge 0-* data \"\\xff\"\r\n"
        "XADD lounge 0-* other x\r\n"
        "XADD lounge 0-* data x type gap\r\n");
    for (int id = 1; id <= 4; ++id) stream.expect(gap(id, id), "it is no event");
    CHECK(number(publish_there(server, "good")) == 5);
    expect_event(stream, {"5", "", "good"}, "the room goes on");
}

TEST_CASE("a server that ends says nothing of what it could not have published") {
    if (!Redis::is_there()) return;
    const Redis redis;
    Server server(kStep, in_room(redis));
    Connection publisher(server);
    redis.pause();
    publisher.send(publish_request("x"));
    expect_status(server, http_request("GET", "/"), 200, "the server goes on");
    server.expect_clean_end();
    CHECK(publisher.receive_to_end("the server ends").find("202") == std::string::npos);
}

TEST_CASE("a broker that cannot be used is named in one line, and the server does not start") {
    if (!Redis::is_there()) return;
    const Redis redis("secret");
    Server server(kStep, in_room(redis, {"--trace"}));
    CHECK(number(publish_there(server, "let in")) == 1);
    server.expect_error("XADD", "what goes to the broker is traced");
    CHECK_MESSAGE(server.errors().find("secret") == std::string::npos, "but for the password");
    std::string wrong = redis.room("lounge");
    wrong.replace(wrong.find("secret"), 6, "guess!");
    expect_no_start(wrong, "WRONGPASS");
    wrong.erase(wrong.find(':', 6), 8);
    expect_no_start(wrong, "NOAUTH");
    // Another server behind the port: our own.
    expect_no_start("redis://127.0.0.1:" + server.port() + "/lounge", "this is not RESP");
    expect_no_start("redis://127.0.0.1:" + free_port() + "/lounge", "refused");
}

TEST_CASE(
    "a broker's reply that never ends is cut off, and one that does not come is not waited for") {
    Listener listener;
    Program endless(
        server_command(kStep, {"--broker", "redis://127.0.0.1:" + listener.port() + "/x"}));
    Connection follower = listener.accept();
    follower.send_and_keep("+" + std::string(16 * 1024 * 1024, 'a'));
    endless.expect_exit(1, "the reply has a bound");
    endless.expect_error("a reply is longer than", "one line says so");

    Program silent(
        server_command(kStep, {"--broker", "redis://127.0.0.1:" + listener.port() + "/x"}));
    silent.expect_exit(1, "a broker has 5 s to answer", kDeadline);
    silent.expect_error("no answer for 5 s", "one line says so");
}

// LAB_ROOMS=full makes it large: `./lab check rooms`.
TEST_CASE("servers behind nginx show one order while one dies, one ends and the broker stops") {
    if (!Redis::is_there() || !Nginx::is_there()) return;
    SharedRoom room(kStep, {"--history", "100000"});
    room.talk();
    // A client complains of each line of which it does not know: none is lost in silence.
    room.expect_one_order();
    room.begin_again("it has restarted");
}

TEST_SUITE_END();
