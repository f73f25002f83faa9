// What our own 06_sse does with --broker: many servers, one room.
#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/06_sse/support/room.hpp"
#include "tests/common/support/shared_room.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

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
