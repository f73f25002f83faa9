// The contract of the server of 06_sse: who comes back gets what was missed, or is told what is
// gone.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/thread.hpp"
#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

// `count` events, from 1 on.
void publish_some(const Server& server, int count) {
    Publisher publisher(server);
    for (int i = 1; i <= count; ++i) publisher.publish("event " + std::to_string(i));
}

StreamEvent gap(int first, int last) {
    return {"", "gap",
            "{\"first\":" + std::to_string(first) + ",\"last\":" + std::to_string(last) + "}"};
}

// One who has seen `id` gets the gap, unless it is an empty event, then the events from `next` to
// `last`, then what is new.
void expect_resumed(const Server& server, const std::string& id, const StreamEvent& missing,
                    int next, int last, const std::string& hint, Place place = Place::here()) {
    EventStream stream(server, "/events", last_event_id(id), 0, place);
    const std::string why = "Last-Event-ID: " + id + ": " + hint;
    if (!missing.type.empty()) stream.expect(missing, why, place);
    stream.expect_ids(next, last, why, place);
}

const StreamEvent kNoGap;

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("a Last-Event-ID may stand in the query and the header comes before it") {
    const Server server(kStep);
    publish_some(server, 5);
    const std::string hint = "a client that cannot set a header has the query";
    EventStream by_query(server, "/events?last_event_id=3");
    by_query.expect_ids(4, 5, hint);
    EventStream by_both(server, "/events?last_event_id=1", last_event_id("4"));
    by_both.expect_ids(5, 5, "EventSource keeps its first address, and sends the header later");
    EventStream by_argument(server, "/events?stream=x&last_event_id=2");
    by_argument.expect_ids(3, 5, hint);
}

TEST_CASE("a Last-Event-ID of 0 is from the beginning and an empty one is none") {
    const Server server(kStep);
    publish_some(server, 2);
    expect_resumed(server, "0", kNoGap, 1, 2, "nothing is gone, so there is no gap");
    std::vector<EventStream> live;
    live.emplace_back(server, "/events", last_event_id(""));
    live.emplace_back(server, "/events?last_event_id=");
    publish(server, "new");
    for (EventStream& stream : live) stream.expect_ids(3, 3, "an empty one is none: only news");
}

TEST_CASE("a reader that has missed nothing gets no gap and only new events") {
    const Server server(kStep);
    EventStream first(server, "/events", last_event_id("0"));
    publish_some(server, 3);
    first.expect_ids(1, 3, "0 before the first event is no gap");
    EventStream stream(server, "/events", last_event_id("3"));
    publish(server, "new");
    stream.expect({"4", "", "new"}, "there is nothing to be replayed");
}

TEST_CASE("an id that this run never gave is a gap of everything") {
    const Server server(kStep);
    publish_some(server, 3);
    for (const std::string id : {"4", "99", "18446744073709551616", "99999999999999999999999999",
                                 "-1", "abc", "1.5", "2x", "+1", "0x1"}) {
        expect_resumed(server, id, gap(0, 0), 1, 3,
                       "it is of another run perhaps: say that everything before is missing, and "
                       "then all that is here");
    }
}

TEST_CASE("a server that starts again tells returning clients that they have missed something") {
    std::string port;
    {
        Server server(kStep);
        port = server.port();
        publish_some(server, 5);
        server.expect_clean_end();
    }
    const Server server({path_of(kStep), "server", "--port", port});
    EventStream before(server, "/events", last_event_id("5"));
    before.expect(gap(0, 0), "5 is of the run before: it must not wait for 6");
    publish_some(server, 2);
    before.expect_ids(1, 2, "ids count from 1 again");
    expect_resumed(server, "5", gap(0, 0), 1, 2, "5 is of the run before");
}

TEST_CASE("a thousand events are kept by default") {
    const Server server(kStep);
    Publisher(server).publish_numbers(1200);
    expect_resumed(server, "200", kNoGap, 201, 1200, "the last 1000 are here");
    expect_resumed(server, "199", gap(200, 200), 201, 1200, "one more is gone");
    expect_resumed(server, "0", gap(1, 200), 201, 1200,
                   "report the missing events, then send all that are here");
}

TEST_CASE("a reader that reconnects again and again gets every event once") {
    const Server server(kStep);
    const lab::Thread publishing(for_thread([&] {
        Publisher publisher(server);
        for (int i = 1; i <= 600; ++i) publisher.publish(std::to_string(i));
    }));
    const std::string hint = "events that were sent and never arrived are replayed";
    int last = 0;
    for (int round = 0; last < 600; ++round) {
        EventStream stream(server, "/events", last_event_id(std::to_string(last)));
        for (int i = 0; i <= round % 7 && last < 600; ++i) {
            stream.expect_ids(last + 1, last + 1, hint);
            ++last;
        }
        if (round % 2) stream.connection().reset();
    }
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("events that history does not hold any more are told as a gap first") {
    const Server server(kStep, {"--history", "3"});
    publish_some(server, 10);
    expect_resumed(server, "7", kNoGap, 8, 10, "8, 9 and 10 are kept: nothing is missing");
    expect_resumed(server, "9", kNoGap, 10, 10, "nothing is missing");
    expect_resumed(server, "6", gap(7, 7), 8, 10, "7 is gone");
    expect_resumed(server, "2", gap(3, 7), 8, 10, "3 to 7 are gone");
    expect_resumed(server, "0", gap(1, 7), 8, 10, "1 to 7 are gone");
    expect_resumed(server, "11", gap(0, 7), 8, 10, "events before this run are missing too");
    expect_resumed(server, "abc", gap(0, 7), 8, 10, "events before this run are missing too");
}

TEST_CASE("without history all that was missed is a gap") {
    const Server server(kStep, {"--history", "0"});
    publish_some(server, 3);
    std::vector<EventStream> streams;
    for (const std::string id : {"1", "0", "7", "3"})
        streams.emplace_back(server, "/events", last_event_id(id));
    streams[0].expect(gap(2, 3), "2 and 3 are gone");
    streams[1].expect(gap(1, 3), "all three are gone");
    streams[2].expect(gap(0, 3), "events before this run are missing too");
    publish(server, "new");
    for (EventStream& stream : streams)
        stream.expect({"4", "", "new"}, "a connected reader gets it without history");
}

TEST_CASE("events that one slow reader still needs are not in the history of others") {
    const Server server(kStep, {"--history", "2", "--queue", "100000000"});
    EventStream slow(server, "/events", "", 4096);
    Publisher publisher(server);
    constexpr int kCount = 150;
    for (int i = 1; i <= kCount; ++i) publisher.publish(text_of(60'000));
    expect_resumed(server, "1", gap(2, kCount - 2), kCount - 1, kCount,
                   "--history 2 is 2, even if other readers are behind");
}

TEST_SUITE_END();
