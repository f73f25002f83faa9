// Our own 06_sse, when its broker is slow, has gone, or cannot be used.
#include <doctest/doctest.h>

#include <string>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/06_sse/support/room.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

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

TEST_SUITE_END();
