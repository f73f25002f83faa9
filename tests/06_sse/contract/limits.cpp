// The contract of the server of 06_sse: readers who do not read, readers who vanish, and how the
// server ends.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/06_sse/support/late_reader.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "06_sse";

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("a reader that never reads is cut off and comes back having lost nothing") {
    const Server server(kStep);
    Publisher publisher(server);
    auto readers = open_streams(server, 2);
    EventStream never_reads(server, "/events", "", kSmall);
    publish_much(publisher, readers, 150);
    const std::vector<StreamEvent> got =
        never_reads.receive_to_end("a reader that lacks more than the queue holds is cut off");
    int last = 0;
    for (const StreamEvent& event : got) {
        if (event != StreamEvent{std::to_string(last + 1), "", kLong})
            fail("the event " + std::to_string(last + 1), event.id, "its events are in order");
        ++last;
    }
    if (last >= 150) fail("an end before the last event", "all of them", "--queue is 1 MiB");
    EventStream again(server, "/events", last_event_id(std::to_string(last)));
    for (++last; last <= 150; ++last) {
        again.expect(
            {std::to_string(last), "", kLong},
            "the missed events are in the history, and a replay is not held against the reader");
    }
    publish_much(publisher, readers, 1);
    again.expect({"151", "", kLong}, "then the new events");
}

TEST_CASE("readers that vanish without a word give their places back") {
    // 100 descriptors are few: readers that are not forgotten at once keep the next ones out.
    Server server({"sh", "-c", "ulimit -n 100 && exec \"$0\" server --port 0", path_of(kStep)});
    for (int round = 0; round < 6; ++round) {
        auto stays = open_streams(server, 1);
        {
            std::vector<EventStream> vanish;
            for (int i = 0; i < 40; ++i) {
                vanish.emplace_back(server);
                if (i % 3 == 0) vanish.back().receive_block("the retry");
            }
            for (std::size_t i = 0; i < vanish.size(); i += 2) vanish[i].connection().reset();
        }
        // A client that comes now comes behind those that have left.
        const int id = publish(server, "round " + std::to_string(round));
        stays[0].expect_ids(id, id, "clients that stay notice nothing");
    }
    server.expect_clean_end();
}

TEST_CASE("readers that have left take no memory") {
    Server server(kStep);
    {
        auto leave = open_streams(server, 5);
        for (EventStream& stream : leave) stream.connection().reset();
    }
    // The history holds 12 MB of these 96 MB; a stream that nobody reads would hold all.
    Publisher publisher(server);
    const std::string text = text_of(12'000);
    for (int i = 0; i < 8000; ++i) publisher.publish(text);
    expect_little_memory(server, "forget a stream when its reader has left");
}

TEST_CASE("readers that vanish while much is sent to them harm nobody") {
    const Server server(kStep);
    Publisher publisher(server);
    auto readers = open_streams(server, 1);
    for (int round = 0; round < 5; ++round) {
        std::vector<EventStream> vanish;
        for (int i = 0; i < 20; ++i) vanish.emplace_back(server, "/events", "", 4096);
        publish_much(publisher, readers, 8);
        for (std::size_t i = 0; i < vanish.size(); i += 2) vanish[i].connection().reset();
        vanish.clear();
        publish_much(publisher, readers, 1);
    }
}

TEST_CASE("server takes no processor time for 200 streams on which nothing comes") {
    const Server server(kStep);
    auto streams = open_streams(server, 200);
    publish(server, "the last for a while");
    for (EventStream& stream : streams) stream.expect_ids(1, 1, "everyone hears everything");
    const double before = server.cpu_seconds();
    if (streams[0].connection().wait_for_bytes(1500ms))
        fail("silence", "bytes", "nobody has published anything");
    const double seconds = server.cpu_seconds() - before;
    if (seconds > 0.03) {
        fail("hardly any processor time in 1.5 s", std::to_string(seconds) + " s",
             "something wakes the loop again and again");
    }
}

TEST_CASE("SIGTERM ends each stream after all published events") {
    Server server(kStep);
    auto streams = open_streams(server, 20);
    const Connection idle(server);
    publish(server, text_of(50'000));
    publish(server, "the last");
    server.expect_clean_end();
    for (EventStream& stream : streams) {
        stream.expect({"1", "", text_of(50'000)}, "first the published events");
        stream.expect({"2", "", "the last"}, "first the published events");
        stream.expect_end("then FIN, and no half of an event");
    }
}

TEST_CASE("SIGTERM ends the server as soon as all readers have left") {
    Server server(kStep);
    auto streams = open_streams(server, 5);
    publish(server, "the last");
    const auto begin = std::chrono::steady_clock::now();
    server.send_signal(SIGTERM);
    for (EventStream& stream : streams) {
        stream.expect_ids(1, 1, "first the published events");
        stream.expect_end("then FIN");
    }
    streams.clear();
    server.expect_exit(0, "there is nobody left to be waited for", 500ms);
    if (took_longer(std::chrono::steady_clock::now() - begin, 500ms))
        fail("the end at once", "more than 500 ms", "end the streams, do not wait for the readers");
}

TEST_CASE("SIGTERM lets a reader receive everything that is still under way") {
    Server server(kStep);
    EventStream reader(server);
    server.pause();
    Connection publisher(server);
    std::string requests;
    for (int i = 0; i < 20; ++i) requests += publish_request(text_of(1000));
    publisher.send(requests);
    server.send_signal(SIGTERM);
    server.send_signal(SIGCONT);
    server.expect_exit(0, "SIGTERM ends the server", kEnd);
    // However many were accepted: they come whole, and then the end in order.
    const std::size_t heard = reader.receive_to_end("then FIN").size();
    std::size_t accepted = 0;
    const std::string answers = publisher.receive_to_end("an accepted event is published");
    for (std::size_t at = 0; (at = answers.find("HTTP/1.1 202", at)) != std::string::npos; ++at)
        ++accepted;
    if (heard < accepted) {
        fail(std::to_string(accepted) + " events", std::to_string(heard),
             "202 says that it is published: every reader gets it");
    }
}

TEST_CASE("streams end in order while others publish without a pause") {
    for (int i = 0; i < 3; ++i) {
        Server server(kStep);
        EventStream reader(server);
        Connection publisher(server);
        std::string requests;
        for (int j = 0; j < 3000; ++j) requests += publish_request("x");
        publisher.send_until_full(requests, 20ms);
        reader.expect_ids(1, 10 * i + 1, "all in order");
        server.expect_clean_end();
        int next = 10 * i + 2;
        for (const StreamEvent& event : reader.receive_to_end("SIGTERM ends the streams"))
            if (event.id != std::to_string(next++)) fail("in order", event.id, "to the last one");
    }
}

TEST_SUITE_END();
