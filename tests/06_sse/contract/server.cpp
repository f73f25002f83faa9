// The contract of the server of 06_sse: a stream of events, and what is published on it.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "common/thread.hpp"
#include "common/visible.hpp"
#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

void expect_field(const HttpHead& head, const std::string& name, const std::string& value,
                  const std::string& hint, Place place = Place::here()) {
    if (lower(head.value(name)) != value)
        fail(name + ": " + value, lab::visible(head.fields, 400), hint, place);
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server says where it listens") {
    const Server server(kStep);
    expect_bytes("127.0.0.1", server.host(), "without --host, only this machine");
    const Connection client(server);
}

TEST_CASE("the stream begins at once with its head and the time until a reconnection") {
    const Server server(kStep);
    EventStream stream(server);
    if (!stream.head().value("Content-Length").empty())
        fail("no Content-Length", stream.head().fields, "nobody knows how long it will be");
    stream.receive_retry("the retry comes first, in milliseconds, and an empty line");
}

TEST_CASE("a published event arrives with an id that counts from 1") {
    const Server server(kStep);
    EventStream stream(server);
    CHECK(publish(server, "Hello") == 1);
    stream.expect({"1", "", "Hello"}, "`id: 1`, `data: Hello` and an empty line");
    CHECK(publish(server, "Привіт 👋") == 2);
    stream.expect({"2", "", "Привіт 👋"}, "an event stream is UTF-8");
}

TEST_CASE("all streams get every event in the same order") {
    const Server server(kStep);
    std::vector<EventStream> streams = open_streams(server, 3);
    for (int i = 1; i <= 20; ++i) publish(server, std::to_string(i));
    for (EventStream& stream : streams) {
        for (int i = 1; i <= 20; ++i)
            stream.expect({std::to_string(i), "", std::to_string(i)}, "everyone hears everything");
    }
}

TEST_CASE("a stream goes on after the Last-Event-ID that a browser names") {
    const Server server(kStep);
    for (const std::string text : {"one", "two", "three"}) publish(server, text);
    EventStream stream(server, "/events", last_event_id("1"));
    stream.expect({"2", "", "two"}, "first the missed events");
    stream.expect({"3", "", "three"}, "first the missed events");
    publish(server, "four");
    stream.expect({"4", "", "four"}, "then the new events");
}

TEST_CASE("a stream without a Last-Event-ID gets only new events") {
    const Server server(kStep);
    publish(server, "before");
    EventStream stream(server);
    publish(server, "after");
    stream.expect({"2", "", "after"}, "a reader that was not there before has missed nothing");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("an event has its id and its type and a data line for each line of the text") {
    const Server server(kStep);
    EventStream stream(server);
    publish(server, "one\ntwo", "event=news");
    publish(server, " three");
    stream.expect({"1", "news", "one\ntwo"}, "WHATWG, HTML, 9.2.5");
    stream.expect({"2", "", " three"}, "the reader removes one space after the colon");
}

TEST_CASE("an event leaves in one segment with those that were published in the same breath") {
    const Server server(kStep);
    EventStream stream(server);
    stream.receive_block("the retry");
    Publisher(server).publish_numbers(500);
    stream.expect_ids(1, 500, "all that is new goes out together, and nothing of it is lost");
}

TEST_CASE("an event whose request comes behind many others is sent at once") {
    const Server server(kStep);
    EventStream stream(server);
    Connection client(server);
    std::string requests;
    for (int i = 0; i < 100; ++i) requests += http_request("GET", "/");
    if (!client.send_and_keep(requests + publish_request("behind them all")))
        fail("all is taken", "the end", "answer one after the other");
    // A client that takes the answers lets the next request be looked at.
    for (int i = 0; i < 100; ++i) receive_response(client, "answer one after the other");
    expect_status(receive_response(client, "answer one after the other"), 202, "the last one");
    stream.expect({"1", "", "behind them all"}, "it must not wait until something else comes");
}

TEST_CASE("no stream misses an event that is published while it opens") {
    const Server server(kStep);
    for (int i = 1; i <= 50; ++i) {
        // As soon as the head of the answer is here, the stream is open.
        EventStream opens(server);
        const int id = publish(server, "new");
        opens.expect_ids(
            id, id, "a client that has the response header gets all events published from then on");
    }
}

TEST_CASE("events of several publishers come to all in one order") {
    const Server server(kStep);
    std::vector<EventStream> streams = open_streams(server, 3);
    {
        std::vector<lab::Thread> publishers;
        for (int i = 0; i < 4; ++i)
            publishers.emplace_back(for_thread([&] { Publisher(server).publish_numbers(250); }));
    }
    std::string first;
    for (EventStream& stream : streams) {
        std::string all;
        for (int id = 1; id <= 1000; ++id) {
            const StreamEvent event = stream.receive("all of them");
            if (event.id != std::to_string(id)) fail(std::to_string(id), event.id, "in order");
            all += event.data + " ";
        }
        if (first.empty()) first = all;
        expect_bytes(first, all, "the order of one is the order of all");
    }
}

TEST_CASE("a stream over HTTP/1.0 ends only with the connection") {
    const Server server(kStep);
    EventStream stream(Connection(server), "GET /events HTTP/1.0\r\n\r\n");
    publish(server, "Hello");
    stream.expect({"1", "", "Hello"}, "HTTP/1.0 knows no chunks: the connection is the body");
}

TEST_CASE("HEAD of the stream gets its head and nothing more") {
    const Server server(kStep);
    Connection client(server);
    client.send(http_request("HEAD", "/events"));
    const HttpHead head = receive_head(client, "HEAD is GET without the body");
    expect_field(head, "Content-Type", "text/event-stream", "HEAD is GET without the body");
    publish(server, "Hello");
    if (lower(head.value("Connection")) == "close") {
        client.expect_end("HEAD is GET without the body");
    } else {
        client.send(http_request("GET", "/"));
        expect_status(receive_response(client, "the next answer"), 200, "no body comes before it");
    }
}

TEST_CASE("bytes behind the request for a stream are not looked at") {
    const Server server(kStep);
    EventStream stream(Connection(server),
                       http_request("GET", "/events") + publish_request("after the stream"));
    publish(server, "Hello");
    stream.expect({"1", "", "Hello"}, "the answer to the first request never ends");
    stream.connection().try_send(text_of(100'000));
    publish(server, "still there");
    stream.expect({"2", "", "still there"}, "ignore everything that a stream's reader still sends");
}

TEST_CASE("a comment comes at the latest after 15 s on which nothing else comes") {
    const Server server(kStep);
    EventStream stream(server);
    stream.receive_block("the retry");
    const std::string hint =
        "a proxy ends a silent connection: send a line that begins with a colon";
    if (!stream.connection().wait_for_bytes(std::chrono::seconds(20)))
        fail("a comment after 15 s", "nothing for 20 s", hint);
    stream.receive_comment(hint);
}

TEST_CASE("a stream that is closed by half still gets its events or ends") {
    const Server server(kStep);
    EventStream leaves(server);
    EventStream stays(server);
    leaves.connection().finish();
    publish(server, "Hello");
    stays.expect({"1", "", "Hello"}, "only the client that has left has left");
    leaves.connection().receive_to_end("FIN of a browser that has left looks the same: forget it");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("every event comes once and in order to readers that join while others publish") {
    const Server server(kStep, {"--history", "20000"});
    constexpr int kCount = 10'000;
    publish(server, "0");
    std::atomic<bool> over = false;
    lab::Thread publishing([&] {
        for_thread([&] { Publisher(server).publish_numbers(kCount); })();
        over = true;
    });
    std::vector<EventStream> replayed;
    std::vector<EventStream> live;
    while (!over && live.size() < 30) {
        replayed.emplace_back(server, "/events", last_event_id("1"));
        live.emplace_back(server);
    }
    publishing.join();
    const int last = publish(server, "the last");
    const std::string hint = "between replay and live nothing is lost and nothing comes twice";
    for (EventStream& stream : replayed) stream.expect_ids(2, last, hint);
    for (EventStream& stream : live)
        stream.expect_ids(std::stoi(stream.receive(hint).id) + 1, last, hint);
}

TEST_CASE("a comment comes at each ping to keep the stream alive") {
    const Server server(kStep, {"--ping", "1"});
    const auto begin = std::chrono::steady_clock::now();
    std::vector<EventStream> streams = open_streams(server, 2);
    for (EventStream& stream : streams) {
        stream.receive_block("the retry");
        for (int i = 0; i < 3; ++i) stream.receive_comment("a comment every --ping seconds");
    }
    const auto passed = std::chrono::steady_clock::now() - begin;
    if (passed < std::chrono::milliseconds(1900) || took_longer(passed, std::chrono::seconds(8)))
        fail("three pings in 3 s", "too early or too late", "--ping 1");
    publish(server, "Hello");
    for (EventStream& stream : streams)
        stream.expect({"1", "", "Hello"}, "a comment is no event and takes no id");
    EventStream later(server, "/events", last_event_id("0"));
    later.expect({"1", "", "Hello"}, "a comment is in no history");
    if (later.comments() > 1) fail("no old comments", "some", "a comment is in no history");
}

TEST_CASE("the time until a reconnection is that of --retry") {
    const Server server(kStep, {"--retry", "150"});
    EventStream stream(server);
    expect_bytes("150", stream.receive_retry("the retry comes first"), "--retry 150");
}

TEST_CASE("the trace shows the fields of events as they come and go") {
    Server server(kStep, {"--trace"});
    EventStream stream(server);
    publish(server, "Привіт", "event=news");
    stream.expect({"1", "news", "Привіт"}, "an event");
    for (const std::string words :
         {"GET /events HTTP/1.1", "Content-Type: text/event-stream", "retry: 2000",
          "POST /publish?event=news HTTP/1.1", "id: 1", "event: news", "data: Привіт"})
        server.expect_error(words, "--trace shows each line that comes and goes");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("own");

TEST_CASE("the head of the stream tells caches and nginx and browsers what not to do") {
    const Server server(kStep);
    EventStream stream(server);
    expect_field(stream.head(), "Cache-Control", "no-store", "no cache keeps events");
    expect_field(stream.head(), "X-Accel-Buffering", "no", "nginx passes each event on at once");
    expect_field(stream.head(), "X-Content-Type-Options", "nosniff", "WHATWG, Fetch");
    expect_bytes("2000", stream.receive_retry("the retry"), "2 s by default");
}

TEST_SUITE_END();
