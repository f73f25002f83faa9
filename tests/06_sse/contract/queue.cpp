// The contract of the server of 06_sse: how much may wait for a reader, and what becomes of it.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/06_sse/support/late_reader.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

const std::string kStep = "06_sse";

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("SIGTERM ends the stream of a late reader after everything that is queued for it") {
    Server server(kStep, {"--queue", "67108864"});
    Publisher publisher(server);
    EventStream late(server, "/events", "", kSmall);
    for (int i = 1; i <= 100; ++i) publisher.publish(kLong);
    const std::string hint = "send the queue first, as far as the second goes";
    late.expect({"1", "", kLong}, hint);
    const auto begin = Clock::now();
    server.send_signal(SIGTERM);
    late.connection().keep_to_end("SIGTERM ends the stream");
    if (Clock::now() - begin < 600ms) {
        for (int id = 2; id <= 100; ++id) late.expect({std::to_string(id), "", kLong}, hint);
        late.expect_end("then FIN");
    } else {
        // The server's second was over, perhaps, before this slow case had read all of it.
        int id = 1;
        for (const StreamEvent& event : late.receive_to_end(hint)) {
            ++id;
            const StreamEvent expected{std::to_string(id), "", kLong};
            CHECK_MESSAGE(event == expected, hint);
        }
    }
    server.expect_exit(0, "SIGTERM ends the server", kEnd);
}

TEST_CASE("SIGTERM ends the server within a second although some readers do not read") {
    Server server(kStep, {"--queue", "100000000"});
    Publisher publisher(server);
    auto readers = open_streams(server, 300);
    std::vector<EventStream> never_read;
    for (int i = 0; i < 5; ++i) never_read.emplace_back(server, "/events", "", 4096);
    for (int i = 1; i <= 150; ++i) publisher.publish(kLong);
    for (int i = 0; i < 10; ++i) readers[static_cast<std::size_t>(i)].expect_ids(1, 150, "all");
    server.expect_clean_end();
    for (int i = 0; i < 10; ++i) {
        readers[static_cast<std::size_t>(i)].expect_end(
            "a reader that has read everything gets FIN, whatever the others do");
    }
}

TEST_CASE("a reader is cut off when more than the queue waits for it and the log says so") {
    Server server(kStep, {"--queue", "100000"});
    Publisher publisher(server);
    auto readers = open_streams(server, 2);
    EventStream never_reads(server, "/events", "", kSmall);
    publish_much(publisher, readers, 140);
    never_reads.receive_to_end("more than --queue waits for it");
    server.expect_error("cut off", "say on stderr that somebody was cut off, and why");
}

TEST_CASE("a reader that reads late gets every event in order when the queue is large") {
    const Server server(kStep, {"--queue", "67108864"});
    Publisher publisher(server);
    auto readers = open_streams(server, 1);
    EventStream late(server, "/events", "", kSmall);
    publish_much(publisher, readers, 140);
    for (int id = 1; id <= 140; ++id) {
        late.expect({std::to_string(id), "", kLong},
                    "go on where the kernel took no more, when it takes more");
    }
}

TEST_CASE("a ping does not come within an event") {
    const Server server(kStep, {"--queue", "67108864", "--ping", "1"});
    Publisher publisher(server);
    auto readers = open_streams(server, 1);
    EventStream late(server, "/events", "", kSmall);
    publish_much(publisher, readers, 140);
    // The next ping finds the late one in the middle of an event.
    while (readers[0].comments() < 2) readers[0].receive_comment("a comment every --ping seconds");
    for (int id = 1; id <= 140; ++id)
        late.expect({std::to_string(id), "", kLong}, "an event that was begun goes out to its end");
}

TEST_CASE("a replay that is longer than the queue is not held against its reader") {
    const Server server(kStep, {"--queue", "100000"});
    Publisher publisher(server);
    auto readers = open_streams(server, 1);
    publish_much(publisher, readers, 140);
    EventStream back(server, "/events", last_event_id("0"), kSmall);
    // It has got hardly anything of the replay when something new comes.
    publish_much(publisher, readers, 1);
    for (int id = 1; id <= 141; ++id)
        back.expect({std::to_string(id), "", kLong}, "events before it joined do not count");
}

TEST_CASE("five readers that never read are cut off and memory stays bounded past 75 MB") {
    Server server(kStep, {"--history", "10"});
    Publisher publisher(server);
    auto readers = open_streams(server, 2);
    std::vector<EventStream> never_read;
    for (int i = 0; i < 5; ++i) never_read.emplace_back(server);
    publish_much(publisher, readers, 1250);
    for (EventStream& reader : never_read)
        reader.connection().receive_to_end("more than --queue waits for it: end the connection");
    expect_little_memory(server, "one log for all, forgotten up to the slowest who is still there");
}

TEST_CASE("a stream takes a place until it leaves") {
    const Server server(kStep, {"--max-clients", "2"});
    auto streams = open_streams(server, 2);
    const HttpResponse refused =
        expect_status(server, http_request("GET", "/events"), 503, "more than --max-clients: 503");
    if (refused.head.value("Retry-After").empty())
        fail("Retry-After", refused.head.fields, "say when it is worth to try again");
    streams.pop_back();
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    int status = 0;
    while (status != 202 && std::chrono::steady_clock::now() < deadline)
        status = ask(server, publish_request("x"), "the place is free again").head.status();
    if (status != 202) fail("202", std::to_string(status), "the place is free again");
    streams[0].expect_ids(1, 1, "clients that stay notice nothing");
}

TEST_SUITE_END();
