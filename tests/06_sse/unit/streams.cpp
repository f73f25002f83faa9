// Unit tests of the open streams of 06_sse, over connections that have no sockets.
#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "06_sse/feed.hpp"
#include "06_sse/streams.hpp"
#include "common/http/connection.hpp"
#include "tests/support/connection.hpp"

using namespace sse;
using lab::test::text_of;
using State = http::Connection::State;

namespace {

constexpr std::size_t kQueue = 1000;
const std::string kRetry = "retry: 2000\n\n";
const std::string kPing = ": ping\n\n";

// The events of a feed, and the streams that are open on it.
struct Fixture {
    Feed feed{{.events = 3, .bytes = 64 * 1024 * 1024}};
    Streams streams{feed, kQueue, std::chrono::milliseconds(2000)};
};

// A client with a stream, and what has arrived of that.
class Client {
 public:
    explicit Client(Fixture& fixture, std::optional<std::string_view> last_event_id = {},
                    const std::string& name = "", bool heartbeats = false) {
        connection_.receive("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
        REQUIRE(connection_.next_request());
        connection_.respond({200, {}, "text/event-stream", ""},
                            fixture.streams.open(connection_, last_event_id, name, heartbeats));
        connection_.sent(connection_.outgoing()[0].size());
    }

    /// Takes all that the connection has to send, at most `most` bytes at once.
    std::string take(std::size_t most = std::string::npos) {
        std::string taken;
        while (connection_.has_outgoing()) {
            const std::string piece(connection_.outgoing()[1].substr(0, most));
            taken += piece;
            connection_.sent(piece.size());
        }
        return taken;
    }
    [[nodiscard]] State state() const { return connection_.state(); }

 private:
    http::Connection connection_{"client", lab::Trace(false), [] {}};
};

std::string event(int id, const std::string& data) {
    return "id: " + std::to_string(id) + "\ndata: " + data + "\n\n";
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a stream has the retry then a gap then the missed events then the new ones") {
    Fixture fixture;
    for (const std::string text : {"a", "b", "c", "d"}) fixture.feed.publish("", text);
    for (const std::size_t most : {1U, 7U, 1000U}) {
        Client client(fixture, "0");
        CHECK(client.take(most) == kRetry + "event: gap\ndata: {\"first\":1,\"last\":1}\n\n" +
                                       event(2, "b") + event(3, "c") + event(4, "d"));
        CHECK(Client(fixture, "3").take(most) == kRetry + event(4, "d"));
        CHECK(Client(fixture).take(most) == kRetry);
    }
    Client client(fixture);
    fixture.feed.publish("", "e");
    fixture.feed.publish("", "f");
    fixture.streams.deliver();
    CHECK(client.take() == kRetry + event(5, "e") + event(6, "f"));
}

TEST_CASE("streams come and go and those that stay get everything") {
    Fixture fixture;
    CHECK(fixture.streams.empty());
    auto first = std::make_unique<Client>(fixture);
    Client second(fixture);
    auto third = std::make_unique<Client>(fixture);
    fixture.feed.publish("", "a");
    fixture.streams.deliver();
    first.reset();
    fixture.feed.publish("", "b");
    fixture.streams.deliver();
    CHECK(second.take() == kRetry + event(1, "a") + event(2, "b"));
    CHECK(third->take() == kRetry + event(1, "a") + event(2, "b"));
    third.reset();
    fixture.feed.publish("", "c");
    fixture.streams.deliver();
    CHECK(second.take() == event(3, "c"));
}

TEST_CASE("a stream that is behind gets events that no history holds") {
    Fixture fixture{.feed = Feed({.events = 0, .bytes = 0})};
    Client behind(fixture), reads(fixture);
    for (const std::string text : {"a", "b", "c"}) {
        fixture.feed.publish("", text);
        fixture.streams.deliver();
        reads.take();
    }
    CHECK(behind.take() == kRetry + event(1, "a") + event(2, "b") + event(3, "c"));
    fixture.feed.publish("", "d");
    fixture.streams.deliver();
    behind.take();
    reads.take();
    fixture.feed.publish("", "e");
    fixture.streams.deliver();
    CHECK(fixture.feed.size() == event(5, "e").size());
}

TEST_CASE("a client that does not read is cut off at its bound and nobody else is") {
    Fixture fixture;
    Client reads(fixture), does_not(fixture);
    const std::string text = text_of(kQueue / 2);
    for (int id = 1; id <= 2; ++id) {
        fixture.feed.publish("", text);
        fixture.streams.deliver();
        reads.take();
    }
    // It lacks more than its bound since the second one, which had to have a chance.
    CHECK(does_not.state() == State::streaming);
    fixture.feed.publish("", "next");
    fixture.streams.deliver();
    CHECK(does_not.state() == State::aborted);
    CHECK(reads.state() == State::streaming);
    CHECK(reads.take() == event(3, "next"));
    CHECK_FALSE(fixture.streams.empty());
}

TEST_CASE("a burst or a replay is no reason to cut a reader off") {
    Fixture fixture;
    for (int id = 1; id <= 3; ++id) fixture.feed.publish("", text_of(kQueue));
    fixture.streams.deliver();
    Client comes_back(fixture, "0");
    for (int round = 0; round < 3; ++round) {
        fixture.feed.publish("", "small");
        fixture.streams.deliver();
    }
    CHECK(comes_back.state() == State::streaming);
    CHECK(comes_back.take().size() > 3 * kQueue);
    for (int id = 1; id <= 5; ++id) fixture.feed.publish("", text_of(kQueue));
    fixture.streams.deliver();
    CHECK(comes_back.state() == State::streaming);
    CHECK(comes_back.take().size() > 5 * kQueue);
}

TEST_CASE("a comment goes to streams that have nothing else to get") {
    Fixture fixture;
    Client idle(fixture), busy(fixture);
    idle.take();
    fixture.streams.ping();
    CHECK(idle.take(1) == kPing);
    CHECK(busy.take() == kRetry);
    fixture.streams.ping();
    fixture.feed.publish("", "a");
    fixture.streams.deliver();
    CHECK(idle.take(3) == kPing + event(1, "a"));
}

TEST_CASE("a heartbeat goes instead of a comment to a client that asks for it") {
    Fixture fixture;
    const std::string beat = "event: heartbeat\ndata:\n\n";
    Client client(fixture, "0", "", true);
    CHECK(client.take() == kRetry + beat);
    fixture.streams.ping();
    CHECK(client.take() == beat);
}

TEST_CASE("a comment is no part of what is replayed") {
    Fixture fixture;
    Client client(fixture);
    fixture.feed.publish("", "a");
    fixture.streams.deliver();
    client.take();
    fixture.streams.ping();
    fixture.feed.publish("", "b");
    CHECK(Client(fixture, "0").take() == kRetry + event(1, "a") + event(2, "b"));
}

TEST_CASE("a stream is dropped by its name after all events published before") {
    Fixture fixture;
    Client one(fixture, {}, "one"), idle(fixture, {}, "one"), other(fixture, {}, "other");
    idle.take();
    fixture.feed.publish("", "a");
    fixture.streams.deliver();
    idle.take();
    CHECK(fixture.streams.drop("none") == 0);
    CHECK(fixture.streams.drop("one") == 2);
    CHECK(idle.state() == State::finished);
    CHECK(one.state() == State::streaming);
    fixture.feed.publish("", "b");
    fixture.streams.deliver();
    CHECK(one.take() == kRetry + event(1, "a"));
    CHECK(one.state() == State::finished);
    CHECK(other.take() == kRetry + event(1, "a") + event(2, "b"));
    CHECK(other.state() == State::streaming);
}

TEST_CASE("at the end all streams get what was published and end") {
    Fixture fixture;
    Client one(fixture), idle(fixture);
    idle.take();
    fixture.feed.publish("", "a");
    idle.take();
    fixture.streams.end_all();
    CHECK(idle.state() == State::finished);
    CHECK(one.take() == kRetry + event(1, "a"));
    CHECK(one.state() == State::finished);
    CHECK(fixture.streams.empty());
}

TEST_SUITE_END();
