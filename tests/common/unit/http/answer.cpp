// Unit tests of the server's side of a connection: bodies that many share, streams, and what is
// announced.
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/connection.hpp"
#include "tests/common/support/served.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using lab::test::raw_request;
using lab::test::Served;
using State = http::Connection::State;

namespace {

const http::Response kText{200, {}, "text/plain", ""};
const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n";

std::string head(std::size_t length) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n";
}

std::shared_ptr<const std::string> shared(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

// The parts of a stream, which outlive it.
struct Source {
    std::string waiting;
    bool ended = false;
    int streams = 0;
};

class FromSource : public http::Stream {
 public:
    explicit FromSource(Source& source) : source_(source) { ++source_.streams; }
    ~FromSource() override { --source_.streams; }
    FromSource(const FromSource&) = delete;
    FromSource& operator=(const FromSource&) = delete;
    [[nodiscard]] std::string_view outgoing() const override { return source_.waiting; }
    void sent(std::size_t count) override { source_.waiting.erase(0, count); }
    [[nodiscard]] bool ended() const override { return source_.ended; }

 private:
    Source& source_;
};

// A connection that streams from a source; its head has been sent.
struct Streaming {
    Source source;
    Served peer{raw_request("GET /events")};

    Streaming() {
        REQUIRE(peer.next() == "GET /events \n");
        peer.connection.respond(kText, std::make_unique<FromSource>(source));
        expect_bytes(kStreamHead, peer.take(), "the body ends with the connection");
        REQUIRE(peer.announced());
    }
};

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a shared response is never copied") {
    const http::SharedResponse response(kText, shared("0123456789"));
    Served peer(raw_request("GET /1") + raw_request("GET /2"));
    CHECK(peer.next() == "GET /1 \n");
    peer.connection.respond(response);
    const auto [own, others] = peer.connection.outgoing();
    CHECK(own.empty());
    CHECK(others.data() == response.bytes->data());
    expect_bytes(head(10) + "0123456789", lab::test::without_dates(std::string(others)), "all");
    CHECK(peer.connection.state() == State::idle);
}

TEST_CASE("a shared response is sent in pieces and let go at its end") {
    const http::SharedResponse response(kText, shared("0123456789"));
    for (const std::size_t step : {1U, 7U, 68U, 1000U}) {
        Served peer(raw_request("GET /"));
        CHECK(peer.next() == "GET / \n");
        peer.connection.respond(response);
        CHECK(response.bytes.use_count() == 2);
        std::string sent;
        while (peer.connection.has_outgoing()) {
            const std::string piece = peer.unsent().substr(0, step);
            sent += piece;
            peer.connection.sent(piece.size());
        }
        expect_bytes(head(10) + "0123456789", lab::test::without_dates(sent),
                     "in pieces of " + std::to_string(step));
        CHECK(response.bytes.use_count() == 1);
    }
}

TEST_CASE("the next request waits until a shared response has been sent") {
    Served peer(raw_request("GET /1") + raw_request("GET /2"));
    CHECK(peer.next() == "GET /1 \n");
    peer.connection.respond({kText, shared("0123456789")});
    CHECK(peer.next() == "none");
    peer.connection.sent(peer.unsent().size() - 1);
    CHECK(peer.next() == "none");
    CHECK(peer.take() == "9");
    CHECK(peer.next() == "GET /2 \n");
    peer.connection.respond({kText, shared("")});
    peer.connection.receive(raw_request("GET /3", "Connection: close\r\n\r\n"));
    CHECK(peer.next() == "GET /3 \n");
    expect_bytes(head(0), peer.take(), "an empty one is none");
    peer.connection.respond({kText, shared("abc")});
    CHECK(peer.connection.state() == State::finished);
    CHECK(peer.take().ends_with("Connection: close\r\n\r\nabc"));
}

TEST_CASE("a shared response behind own answers keeps the order") {
    Served peer(raw_request("GET /1") + raw_request("GET /2"));
    CHECK(peer.next() == "GET /1 \n");
    peer.connection.respond({204, {}, "", ""});
    CHECK(peer.next() == "GET /2 \n");
    peer.connection.respond({kText, shared("abc")});
    expect_bytes("HTTP/1.1 204 No Content\r\n\r\n" + head(3) + "abc", peer.take(), "the order");
}

TEST_CASE("a stream is sent in pieces as it grows") {
    Streaming streaming;
    auto& [source, peer] = streaming;
    CHECK(peer.connection.state() == State::streaming);
    CHECK_FALSE(peer.connection.has_outgoing());
    CHECK_FALSE(peer.announced());
    source.waiting = "data: 1\n\n";
    peer.connection.stream_changed();
    CHECK(peer.announced());
    CHECK(peer.connection.outgoing()[1].data() == source.waiting.data());
    peer.connection.sent(5);
    source.waiting += "data: 2\n\n";
    peer.connection.stream_changed();
    expect_bytes(" 1\n\ndata: 2\n\n", peer.take(), "what is left of it");
    CHECK(source.waiting.empty());
    CHECK(peer.connection.state() == State::streaming);
    CHECK(source.streams == 1);
}

TEST_CASE("a stream may begin with something to send") {
    Source source{.waiting = "retry: 1\n\n"};
    Served peer(raw_request("GET /events"));
    CHECK(peer.next() == "GET /events \n");
    peer.connection.respond(kText, std::make_unique<FromSource>(source));
    CHECK(peer.announced());
    peer.connection.sent(peer.unsent().find("\nretry"));
    expect_bytes("\nretry: 1\n\n", peer.unsent(), "the end of the head, and the body");
    peer.connection.sent(3);
    expect_bytes("try: 1\n\n", peer.take(), "the rest");
}

TEST_CASE("the connection ends with its stream and not before all of it is sent") {
    Streaming streaming;
    auto& [source, peer] = streaming;
    source = {.waiting = "last", .ended = true, .streams = 1};
    peer.connection.stream_changed();
    CHECK(peer.connection.state() == State::streaming);
    peer.connection.sent(3);
    CHECK(peer.connection.state() == State::streaming);
    CHECK(source.streams == 1);
    peer.connection.sent(1);
    CHECK(peer.connection.state() == State::finished);
    CHECK(source.streams == 0);
    CHECK_FALSE(peer.connection.has_outgoing());
    peer.connection.stream_changed();
    CHECK(peer.connection.state() == State::finished);
}

TEST_CASE("a stream that has ended and has nothing to send is over at once") {
    Streaming streaming;
    streaming.source.ended = true;
    CHECK(streaming.peer.connection.state() == State::streaming);
    streaming.peer.connection.stream_changed();
    CHECK(streaming.peer.connection.state() == State::finished);
    CHECK(streaming.peer.announced());
    CHECK(streaming.source.streams == 0);
    // Also if it had ended before it began: the head is still sent.
    Source source{.waiting = "", .ended = true};
    Served peer(raw_request("GET /events"));
    CHECK(peer.next() == "GET /events \n");
    peer.connection.respond(kText, std::make_unique<FromSource>(source));
    CHECK(peer.connection.state() == State::finished);
    CHECK(source.streams == 0);
    CHECK(peer.announced());
    expect_bytes(kStreamHead, peer.take(), "the head");
}

TEST_CASE("a stream goes with its connection or when the connection is cut off") {
    Source source;
    {
        Served peer(raw_request("GET /events"));
        CHECK(peer.next() == "GET /events \n");
        peer.connection.respond(kText, std::make_unique<FromSource>(source));
        CHECK(source.streams == 1);
    }
    CHECK(source.streams == 0);
    Streaming streaming;
    streaming.source.waiting = "data";
    streaming.peer.connection.stream_changed();
    CHECK(streaming.peer.announced());
    streaming.peer.connection.abort("it is a test");
    CHECK(streaming.source.streams == 0);
    CHECK(streaming.peer.announced());
    CHECK(streaming.peer.connection.state() == State::aborted);
    CHECK_FALSE(streaming.peer.connection.has_outgoing());
}

TEST_CASE("a connection that is cut off sends nothing more of a shared response") {
    const http::SharedResponse response(kText, shared("0123456789"));
    Served peer(raw_request("GET /"));
    CHECK(peer.next() == "GET / \n");
    peer.connection.respond(response);
    peer.connection.sent(peer.unsent().size() - 5);
    peer.connection.abort("it is a test");
    CHECK_FALSE(peer.connection.has_outgoing());
    CHECK(response.bytes.use_count() == 1);
}

TEST_CASE("a connection that streams hears nothing and is ended by its stream alone") {
    Streaming streaming;
    auto& [source, peer] = streaming;
    for (int i = 0; i < 1000; ++i) peer.connection.receive(raw_request("GET /smuggled"));
    CHECK(peer.connection.wants_more());
    CHECK(peer.next() == "none");
    peer.connection.finish();
    peer.connection.time_out();
    CHECK(peer.connection.state() == State::streaming);
    CHECK_FALSE(peer.announced());
    source = {.waiting = "last", .ended = true, .streams = 1};
    peer.connection.stream_changed();
    CHECK(peer.take() == "last");
    CHECK(peer.connection.state() == State::finished);
    CHECK(peer.next() == "none");
}

TEST_CASE("HEAD gets the head of a stream alone") {
    Source source{.waiting = "data"};
    Served peer(raw_request("HEAD /events") + raw_request("GET /smuggled"));
    CHECK(peer.next() == "GET /events \n");
    peer.connection.respond(kText, std::make_unique<FromSource>(source));
    expect_bytes(kStreamHead, peer.take(), "the head");
    CHECK(peer.connection.state() == State::finished);
    CHECK(source.streams == 0);
    CHECK(peer.next() == "none");
}

TEST_CASE("an input that does not belong to the state of a connection is refused") {
    Served peer(raw_request("GET /"));
    CHECK_THROWS_AS(peer.connection.respond(kText), std::logic_error);
    CHECK_THROWS_AS(peer.connection.close(), std::logic_error);
    Served answered(raw_request("GET /"));
    CHECK(answered.next() == "GET / \n");
    answered.connection.respond(kText);
    CHECK_THROWS_AS(answered.connection.respond(kText), std::logic_error);
    CHECK_THROWS_AS(answered.connection.respond(kText, std::unique_ptr<http::Stream>()),
                    std::logic_error);
}

TEST_CASE("each answer is announced but not each request") {
    Served peer(raw_request("GET /1") + raw_request("GET /2"));
    CHECK(peer.next() == "GET /1 \n");
    CHECK_FALSE(peer.announced());
    peer.connection.respond({204, {}, "", ""});
    CHECK(peer.next() == "GET /2 \n");
    peer.connection.respond({kText, shared("abc")});
    CHECK(peer.announced());
    CHECK_FALSE(peer.announced());
    peer.take();
    CHECK_FALSE(peer.announced());
    peer.connection.receive("GET\r\n");
    CHECK(peer.next() == "none");
    CHECK(peer.announced());
}

TEST_SUITE_END();
