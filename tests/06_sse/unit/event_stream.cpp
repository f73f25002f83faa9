// Unit tests of the format of Server-Sent Events: WHATWG HTML, sections 9.2.5 and 9.2.6.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "06_sse/event_stream.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/pieces.hpp"

using namespace sse;
using namespace std::chrono_literals;
using namespace std::string_literals;
using lab::test::text_of;

namespace {

using Result = EventStreamParser::Result;
using Pieces = std::vector<std::string_view>;

constexpr std::size_t kMaxSize = 1024;
const std::string kByteOrderMark = "\xEF\xBB\xBF";

// The events that come out of a stream, one in a line: [type] "data" (id).
std::string events_in(const Pieces& pieces, std::size_t longest = kMaxSize) {
    EventStreamParser parser(longest);
    std::string events;
    for (std::string_view piece : pieces) {
        for (Result result = Result::event; result == Result::event;) {
            result = parser.parse(piece);
            if (result == Result::bad) return events + "bad\n";
            if (result == Result::need_more) continue;
            const Event& event = parser.event();
            events += "[" + event.type + "] \"" + event.data + "\" (" + event.id + ")\n";
        }
        CHECK(piece.empty());
    }
    if (parser.retry()) events += "retry " + std::to_string(parser.retry()->count()) + "\n";
    if (!parser.last_event_id().empty()) events += "last " + parser.last_event_id() + "\n";
    return events;
}

// The same however the stream is cut.
void check_events(std::string_view stream, std::string_view expected) {
    for (const Pieces& pieces : lab::test::all_cuts(stream))
        CHECK_MESSAGE(events_in(pieces) == expected, stream);
    for (std::size_t at = 0; at <= stream.size(); ++at)
        CHECK_MESSAGE(events_in(lab::test::cut(stream, at)) == expected, stream);
}

std::string written(std::string_view id, std::string_view type, std::string_view data) {
    std::string lines;
    write_event(lines, id, type, data);
    return lines;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the examples of the standard give the events that it says") {
    // Section 9.2.6, in its order.
    check_events("data: YHOO\ndata: +2\ndata: 10\n\n", "[message] \"YHOO\n+2\n10\" ()\n");
    check_events(
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third "
        "event\n",
        "[message] \"first event\" (1)\n[message] \"second event\" ()\n");
    check_events("data\n\ndata\ndata\n\ndata:\n", "[message] \"\" ()\n[message] \"\n\" ()\n");
    check_events("data:test\n\ndata: test\n\n", "[message] \"test\" ()\n[message] \"test\" ()\n");
    // Section 9.2.1.
    check_events("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
                 "[add] \"73857293\" ()\n[remove] \"2153\" ()\n");
}

TEST_CASE("lines end with LF or CRLF or CR and an event ends without waiting for more") {
    const std::string events = "[message] \"a\nb\" ()\n[message] \"c\" ()\n";
    check_events("data:a\ndata:b\n\ndata:c\n\n", events);
    check_events("data:a\r\ndata:b\r\n\r\ndata:c\r\n\r\n", events);
    check_events("data:a\rdata:b\r\rdata:c\r\r", events);
    check_events("data:a\rdata:b\r\n\rdata:c\n\r", events);
    check_events("data:c\r\n\r", "[message] \"c\" ()\n");
}

TEST_CASE("a byte order mark is taken off at the beginning and nowhere else") {
    check_events(kByteOrderMark + "data: a\n\n", "[message] \"a\" ()\n");
    check_events(kByteOrderMark + kByteOrderMark + "data: a\n\n", "");
    check_events("\n" + kByteOrderMark + "data: a\n\n", "");
    check_events("data: " + kByteOrderMark + "\n\n", "[message] \"" + kByteOrderMark + "\" ()\n");
}

TEST_CASE("one space behind the colon is left out and all else of a value is kept") {
    check_events("data:  two\n\n", "[message] \" two\" ()\n");
    check_events("data:\ttab \n\n", "[message] \"\ttab \" ()\n");
    check_events("data: a: b\n\n", "[message] \"a: b\" ()\n");
    check_events("data: \0\n\n"s, "[message] \"\0\" ()\n"s);
}

TEST_CASE("comments and unknown fields are passed over and names are exact") {
    check_events(":\n: ping\n:data: a\n\n", "");
    check_events("Data: a\n data: b\ndata : c\ndat: d\ndata2: e\nbed: f\n\n", "");
    check_events(": one\ndata: a\n: two\nunknown\ndata: b\n\n", "[message] \"a\nb\" ()\n");
}

TEST_CASE("the last event field of an event counts and none outlives its event") {
    check_events("event: a\nevent: b\ndata: 1\n\ndata: 2\n\n",
                 "[b] \"1\" ()\n[message] \"2\" ()\n");
    check_events("event: a\nevent:\ndata: 1\n\n", "[message] \"1\" ()\n");
    check_events("event: a\n\ndata: 1\n\n", "[message] \"1\" ()\n");
}

TEST_CASE("an id stays until another comes and an empty one takes it back") {
    check_events("id: 7\ndata: a\n\ndata: b\n\nid:\ndata: c\n\n",
                 "[message] \"a\" (7)\n[message] \"b\" (7)\n[message] \"c\" ()\n");
    check_events("id: 7\n\n", "last 7\n");
    check_events("id: Ж 7\ndata: a\n\n", "[message] \"a\" (Ж 7)\nlast Ж 7\n");
    check_events("id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n"s,
                 "[message] \"a\" (7)\n[message] \"b\" (7)\nlast 7\n");
}

TEST_CASE("an event that the end of the stream cuts off never was") {
    check_events("id: 7\ndata: a\n\nid: 8\ndata: b\n", "[message] \"a\" (7)\nlast 7\n");
    check_events("data: a", "");
    check_events("", "");
}

TEST_CASE("a stream that continues another one knows the last id of that") {
    EventStreamParser parser(kMaxSize, "7");
    std::string_view stream = "retry: 1\n\nevent: gap\ndata: x\n\n";
    REQUIRE(parser.parse(stream) == Result::event);
    CHECK(parser.event().id == "7");
    CHECK(parser.last_event_id() == "7");
}

TEST_CASE("retry is a whole number and anything else is no field") {
    check_events("retry: 2000\n\n", "retry 2000\n");
    check_events("retry: 0\n", "retry 0\n");
    check_events("retry: 007\nretry\nretry:\nretry: -1\nretry: 1.5\nretry: 1s\nretry:  9\n",
                 "retry 7\n");
    check_events("retry: 3600001\n", "retry 3600000\n");
    check_events("retry: 99999999999999999999\n", "retry 3600000\n");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
    const std::string wrong = "\xEF\xBF\xBD";
    check_events("data: a\xFFz\n\n", "[message] \"a" + wrong + "z\" ()\n");
    check_events("data: \xE2\x82\n\n", "[message] \"" + wrong + "\" ()\n");
    check_events("data: \xF0\x9F\x91z\n\n", "[message] \"" + wrong + "z\" ()\n");
    check_events("data: \xF0\x9Fz\n\n", "[message] \"" + wrong + "z\" ()\n");
    check_events("data: \xED\xA0\x80\n\n", "[message] \"" + wrong + wrong + wrong + "\" ()\n");
    check_events("data: \xC0\x80\n\n", "[message] \"" + wrong + wrong + "\" ()\n");
    check_events("id: \xFF\ndata: 👋\n\n", "[message] \"👋\" (" + wrong + ")\nlast " + wrong + "\n");
}

TEST_CASE("a line and the data of an event have a bound whose byte more is one too many") {
    const std::string longest = "data:" + text_of(kMaxSize - 5);
    check_events(longest + "\n\n", "[message] \"" + text_of(kMaxSize - 5) + "\" ()\n");
    check_events(longest + "x\n\n", "bad\n");
    check_events("data:ok\n\n:" + text_of(kMaxSize), "[message] \"ok\" ()\nbad\n");

    std::string many;
    for (std::size_t i = 0; i < kMaxSize / 4; ++i) many += "data:abc\n";
    check_events(many + "data:\n:\n\n", events_in({many + "data:\n\n"}));
    CHECK(events_in({many + "data:\n\n"}).starts_with("[message]"));
    check_events(many + "data:x\n\n", "bad\n");
}

TEST_CASE("an event is written as its id then its type then its data") {
    CHECK(written("7", "", "hello") == "id: 7\ndata: hello\n\n");
    CHECK(written("7", "note", "hello") == "id: 7\nevent: note\ndata: hello\n\n");
    CHECK(written("", "gap", "{}") == "event: gap\ndata: {}\n\n");
}

TEST_CASE("no line end in the data begins another field") {
    CHECK(written("", "", "a\nb") == "data: a\ndata: b\n\n");
    CHECK(written("", "", "a\r\nb") == "data: a\ndata: b\n\n");
    CHECK(written("", "", "a\rb") == "data: a\ndata: b\n\n");
    CHECK(written("", "", "a\n\rb") == "data: a\ndata: \ndata: b\n\n");
    CHECK(written("", "", "a\n\nid: 9\n") == "data: a\ndata: \ndata: id: 9\ndata: \n\n");
    CHECK(written("", "", "") == "data: \n\n");
    CHECK(written("", "", "\r") == "data: \ndata: \n\n");
}

TEST_CASE("written text is read as it was except that all its lines end with LF") {
    for (const std::string data : {"", "a", " a", ": a", "data: a", "a\nb", "\n", "a\n", "\r\n\r",
                                   "a\rb\r\nc", "Привіт 👋"}) {
        std::string expected;
        for (std::size_t i = 0; i < data.size(); ++i) {
            const bool half = data.substr(i, 2) == "\r\n";
            if (!half) expected += data[i] == '\r' ? '\n' : data[i];
        }
        check_events(written("3", "type", data), "[type] \"" + expected + "\" (3)\nlast 3\n");
    }
}

TEST_SUITE_END();
