// Unit tests of what 05_ws_chat is made of.
#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "05_ws_chat/admission.hpp"
#include "05_ws_chat/own_messages.hpp"
#include "05_ws_chat/places.hpp"
#include "05_ws_chat/rate_limit.hpp"
#include "05_ws_chat/room.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/raw_frames.hpp"
#include "tests/support/report.hpp"

using namespace ws_chat;
using namespace std::chrono_literals;
using lab::test::expect_bytes;
using lab::test::from_server;
using lab::test::text_of;

namespace {

constexpr int kWholeText = 0x81, kWholeBinary = 0x82, kBinaryBegins = 0x02, kMiddle = 0x00,
              kLast = 0x80;

http::Request request_for(const std::string& path, const std::optional<std::string>& origin,
                          const std::vector<http::Field>& arguments = {}) {
    http::Request request;
    request.head.method = "GET";
    request.head.fields = {{"Host", "localhost:8000"},
                           {"Upgrade", "websocket"},
                           {"Connection", "Upgrade"},
                           {"Sec-WebSocket-Version", "13"},
                           {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    if (origin) request.head.fields.push_back({"Origin", *origin});
    request.target = {path, arguments, "localhost:8000"};
    return request;
}

http::Request request_from(const std::string& origin) {
    return request_for("/ws", origin);
}

int status_of(const http::Request& request, const Rules& rules = {}) {
    const auto response = response_to(request, rules);
    return response ? response->status : 101;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a room keeps frames as a server sends them one after the other") {
    Room room;
    const Position begin = room.end();
    CHECK(room.unread(begin).empty());
    room.publish(true, "Ada: hi");
    room.publish(false, "");
    room.publish(true, text_of(126));
    const std::string all = from_server(kWholeText, "Ada: hi") + from_server(kWholeBinary, "") +
                            from_server(kWholeText, text_of(126));
    expect_bytes(all, room.unread(begin), "framed once, unmasked");
    CHECK(room.size() == all.size());
    CHECK(room.end() == begin + all.size());
    CHECK(room.unread(room.end()).empty());
}

TEST_CASE("a room gives whole frames and at most one write of them") {
    Room room;
    std::string all;
    for (std::size_t i = 0; i < 100; ++i) {
        room.publish(true, text_of(i * 37));
        all += from_server(kWholeText, text_of(i * 37));
    }
    std::string read;
    for (Position at = 0; at < room.end();) {
        const std::string_view frames = room.unread(at);
        REQUIRE_FALSE(frames.empty());
        CHECK(frames.size() <= Room::kMaxWrite);
        // Where a write begins, so does a frame.
        CHECK(frames[0] == static_cast<char>(kWholeText));
        read += frames;
        at += frames.size();
    }
    expect_bytes(all, read, "nothing is lost between two writes");
}

TEST_CASE("a message longer than a write is cut into frames that each fit one") {
    for (const std::size_t size : {65'531U, 65'532U, 65'533U, 131'064U, 131'065U, 1U << 20}) {
        Room room;
        const std::string message = text_of(size);
        room.publish(false, message);
        room.publish(true, "next");
        std::string expected;
        constexpr std::size_t kPiece = Room::kMaxWrite - 4;
        for (std::size_t at = 0; at < size; at += kPiece) {
            const bool last = at + kPiece >= size;
            expected += from_server(
                at == 0 ? (last ? kWholeBinary : kBinaryBegins) : (last ? kLast : kMiddle),
                message.substr(at, kPiece));
        }
        expected += from_server(kWholeText, "next");
        std::string read;
        while (read.size() < expected.size()) {
            const std::string_view frames = room.unread(read.size());
            REQUIRE_FALSE(frames.empty());
            REQUIRE(frames.size() <= Room::kMaxWrite);
            read += frames;
        }
        expect_bytes(expected, read, "others' control frames may come between two of them");
    }
}

TEST_CASE("a room forgets what everybody has been sent and positions stay good") {
    Room room;
    const std::string message = text_of(60'000);
    const std::string frame = from_server(kWholeText, message);
    Position behind = room.end();
    for (int i = 0; i < 1000; ++i) {
        room.publish(true, message);
        expect_bytes(frame, room.unread(room.end() - frame.size()), "the last one");
        if (i < 20) continue;
        expect_bytes(frame, room.unread(behind), "who is twenty messages behind");
        behind += frame.size();
        room.forget(behind);
        CHECK(room.size() == room.end() - behind);
        CHECK(room.size() == 20 * frame.size());
    }
    room.forget(room.end());
    CHECK(room.size() == 0);
    CHECK(room.end() == 1000 * frame.size());
    room.publish(true, "next");
    expect_bytes(from_server(kWholeText, "next"), room.unread(1000 * frame.size()), "go on");
}

TEST_CASE("a rate is kept in the long run and a burst may be twice of it") {
    const RateLimit::Time begin{};
    RateLimit limit(10, begin);
    const auto allowed = [&](RateLimit::Time now) {
        int count = 0;
        while (count < 1000 && limit.allow(now)) ++count;
        return count;
    };
    CHECK(allowed(begin) == 20);
    CHECK(allowed(begin + 99ms) == 0);
    CHECK(allowed(begin + 101ms) == 1);
    CHECK(allowed(begin + 1102ms) == 10);
    CHECK(allowed(begin + 1h) == 20);  // and not 36,000
    int count = 0;
    for (auto now = begin + 1h; now < begin + 1h + 100s; now += 10ms) count += limit.allow(now);
    CHECK(count >= 999);
    CHECK(count <= 1001);
}

TEST_CASE("a rate of 0 is no limit and one of 1 allows two at once") {
    const RateLimit::Time begin{};
    RateLimit none(0, begin);
    for (int i = 0; i < 10'000; ++i) CHECK(none.allow(begin));
    RateLimit slow(1, begin);
    CHECK(slow.allow(begin));
    CHECK(slow.allow(begin));
    CHECK_FALSE(slow.allow(begin));
    CHECK_FALSE(slow.allow(begin + 999ms));
    CHECK(slow.allow(begin + 1001ms));
}

TEST_CASE("own messages are heard when they come back and in their order alone") {
    OwnMessages own("Ada", {});
    CHECK(own.all_heard());
    own.said("one");
    own.said("two");
    own.heard("Bob: one");
    own.heard("Ada: two");
    own.heard("one");
    CHECK_FALSE(own.all_heard());
    own.heard("Ada: one");
    CHECK_FALSE(own.all_heard());
    own.heard("Ada: two");
    CHECK(own.all_heard());
    own.heard("Ada: two");
    CHECK(own.all_heard());
}

TEST_CASE("own messages that were lost with the connection are told once") {
    OwnMessages own("Ada", {});
    for (const std::string text : {"one", "one", "two"}) own.said(text);
    own.heard("Ada: one");
    CHECK(own.give_up() == std::deque<std::string>{"Ada: one", "Ada: two"});
    CHECK(own.all_heard());
    CHECK(own.give_up().empty());
}

TEST_CASE("own messages keep below the rate that the server allows by default") {
    const RateLimit::Time begin{};
    OwnMessages own("Ada", begin);
    RateLimit server(50, begin);
    int said = 0;
    for (auto now = begin; now < begin + 60s; now += 1ms) {
        if (!own.may_say_one(now)) continue;
        ++said;
        REQUIRE(server.allow(now));
    }
    CHECK(said > 45 * 60);
}

TEST_CASE("who may enter is decided by path then origin then token then name") {
    CHECK(status_of(request_for("/ws", {})) == 101);
    const Rules rules{.secure = false, .allow_origins = {}, .token = "s3cret"};
    const std::string own = "http://localhost:8000";
    CHECK(status_of(request_for("/", "null", {{"name", "\n"}}), rules) == 404);
    CHECK(status_of(request_for("/ws", "null", {{"name", "\n"}}), rules) == 403);
    CHECK(status_of(request_for("/ws", own, {{"name", "\n"}}), rules) == 401);
    CHECK(status_of(request_for("/ws", own, {{"name", "\n"}, {"token", "s3cret"}}), rules) == 400);
    CHECK(status_of(request_for("/ws", own, {{"name", "Ada"}, {"token", "s3cret"}}), rules) == 101);
    CHECK(status_of(request_for("/ws", own, {{"name", "Ada"}}), rules) == 401);
}

TEST_CASE("with TLS a subprotocol is refused because the library would answer with silence") {
    http::Request request = request_for("/ws", {});
    request.head.fields.push_back({"Sec-WebSocket-Protocol", "mqtt"});
    CHECK(status_of(request) == 101);
    CHECK(status_of(request, {.secure = true, .allow_origins = {}, .token = {}}) == 400);
}

TEST_CASE("places are given back when their owner ends and are never more than there are") {
    Places places(2);
    Place first = places.take();
    {
        const Place second = places.take();
        CHECK(first);
        CHECK(second);
        CHECK(places.full());
        CHECK_FALSE(places.take());
    }
    CHECK_FALSE(places.full());
    Place moved = std::move(first);
    CHECK(places.take());
    moved.reset();
    first = places.take();
    moved = places.take();
    CHECK(first);
    CHECK(moved);
    CHECK_FALSE(places.take());
}

TEST_CASE("an origin is compared as a whole with the own one and those allowed") {
    CHECK(status_of(request_from("http://localhost:8000")) == 101);
    for (const std::string foreign :
         {"https://localhost:8000", "http://localhost", "http://localhost:80000", "null", "", "*",
          "http://evil.example", "http://localhost:8000.evil.example", "http://localhost:8000/"})
        CHECK_MESSAGE(status_of(request_from(foreign)) == 403, foreign);

    const Rules secure{.secure = true, .allow_origins = {}, .token = {}};
    CHECK(status_of(request_from("https://localhost:8000"), secure) == 101);
    CHECK(status_of(request_from("http://localhost:8000"), secure) == 403);
    const Rules two{.secure = false, .allow_origins = {"null", "http://a.example"}, .token = {}};
    CHECK(status_of(request_from("null"), two) == 101);
    CHECK(status_of(request_from("http://a.example"), two) == 101);
    CHECK(status_of(request_from("http://b.example"), two) == 403);
    const Rules all{.secure = false, .allow_origins = {"*"}, .token = {}};
    CHECK(status_of(request_from("http://evil.example"), all) == 101);
}

TEST_CASE("a refusal shows no control character of who is refused") {
    const auto response = response_to(request_from("http://\x1b[2J"), {});
    REQUIRE(response);
    CHECK(http::to_bytes(*response, http::Persistence::close).find('\x1b') == std::string::npos);
}

TEST_SUITE_END();
