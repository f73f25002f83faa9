// Unit tests of what 06_sse is made of: the log of what was published.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "06_sse/feed.hpp"
#include "tests/support/connection.hpp"

using namespace sse;
using lab::test::text_of;

namespace {

constexpr std::size_t kPlenty = 64 * 1024 * 1024;

std::string gap_of(int first, int last) {
    return "event: gap\ndata: {\"first\":" + std::to_string(first) +
           ",\"last\":" + std::to_string(last) + "}\n\n";
}

// The events of `first` to `last` as publish_numbers() writes them.
std::string events(int first, int last) {
    std::string all;
    for (int id = first; id <= last; ++id) {
        const std::string number = std::to_string(id);
        all.append("id: ").append(number).append("\ndata: number ").append(number).append("\n\n");
    }
    return all;
}

void publish_numbers(Feed& feed, int first, int last) {
    for (int id = first; id <= last; ++id)
        CHECK(feed.publish("", "number " + std::to_string(id)) == static_cast<std::uint64_t>(id));
}

// All that one gets who comes back.
std::string replay(const Feed& feed, std::optional<std::string_view> last_event_id) {
    const Feed::Beginning beginning = feed.beginning(last_event_id);
    return beginning.gap + std::string(feed.unread(beginning.position));
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a feed numbers events from 1 on and a stream reads on from its position") {
    Feed feed({.events = 10, .bytes = kPlenty});
    const Position begin = feed.end();
    CHECK(feed.unread(begin).empty());
    CHECK(feed.publish("", "a") == 1);
    CHECK(feed.publish("note", "b\nc") == 2);
    const std::string all = "id: 1\ndata: a\n\nid: 2\nevent: note\ndata: b\ndata: c\n\n";
    CHECK(feed.unread(begin) == all);
    CHECK(feed.unread(begin + 15) == all.substr(15));
    CHECK(feed.end() == begin + all.size());
    CHECK(feed.unread(feed.end()).empty());
}

TEST_CASE("a reader without an id gets only new events") {
    Feed feed({.events = 10, .bytes = kPlenty});
    publish_numbers(feed, 1, 3);
    CHECK(replay(feed, std::nullopt).empty());
    CHECK(replay(feed, "").empty());
    const Feed::Beginning beginning = feed.beginning(std::nullopt);
    publish_numbers(feed, 4, 4);
    CHECK(feed.unread(beginning.position) == events(4, 4));
}

TEST_CASE("a client that comes back gets all it missed and 0 is the very beginning") {
    Feed feed({.events = 10, .bytes = kPlenty});
    CHECK(replay(feed, "0").empty());
    publish_numbers(feed, 1, 10);
    CHECK(replay(feed, "0") == events(1, 10));
    CHECK(replay(feed, "1") == events(2, 10));
    CHECK(replay(feed, "9") == events(10, 10));
    CHECK(replay(feed, "10").empty());
}

TEST_CASE("a gap says which events are gone and what is kept follows") {
    Feed feed({.events = 3, .bytes = kPlenty});
    publish_numbers(feed, 1, 10);
    CHECK(replay(feed, "0") == gap_of(1, 7) + events(8, 10));
    CHECK(replay(feed, "5") == gap_of(6, 7) + events(8, 10));
    CHECK(replay(feed, "6") == gap_of(7, 7) + events(8, 10));
    CHECK(replay(feed, "7") == events(8, 10));
    CHECK(replay(feed, "8") == events(9, 10));
    CHECK(replay(feed, "10").empty());
}

TEST_CASE("an id that was never given is a gap of everything") {
    Feed feed({.events = 3, .bytes = kPlenty});
    CHECK(replay(feed, "1") == gap_of(0, 0));
    publish_numbers(feed, 1, 2);
    for (const std::string id : {"3", "-1", "+1", "1.0", "1x", "x", " 1", "0x1", "٣",
                                 "18446744073709551615", "18446744073709551616", "\xFF"})
        CHECK_MESSAGE(replay(feed, id) == gap_of(0, 0) + events(1, 2), id);
    publish_numbers(feed, 3, 10);
    CHECK(replay(feed, "11") == gap_of(0, 7) + events(8, 10));
}

TEST_CASE("without history everything that was missed is a gap") {
    Feed feed({.events = 0, .bytes = kPlenty});
    CHECK(replay(feed, "0").empty());
    publish_numbers(feed, 1, 5);
    CHECK(replay(feed, "0") == gap_of(1, 5));
    CHECK(replay(feed, "4") == gap_of(5, 5));
    CHECK(replay(feed, "5").empty());
    CHECK(replay(feed, "6") == gap_of(0, 5));
    feed.forget(feed.end());
    CHECK(feed.size() == 0);
}

TEST_CASE("a feed forgets events that no history and no reader needs and positions stay good") {
    Feed feed({.events = 5, .bytes = kPlenty});
    const std::string text = text_of(60'000);
    const auto event = [&](int id) {
        return "id: " + std::to_string(id) + "\ndata: " + text + "\n\n";
    };
    Position behind = feed.end();
    for (int id = 1; id <= 1000; ++id) {
        const Position before = feed.end();
        feed.publish("", text);
        CHECK(feed.unread(before) == event(id));
        if (id <= 20) continue;
        // One who is twenty events behind, four times as far as history goes back.
        const std::string oldest = event(id - 20);
        CHECK(feed.unread(behind).substr(0, oldest.size()) == oldest);
        behind += oldest.size();
        feed.forget(behind);
        CHECK(feed.size() == feed.end() - behind);
    }
    feed.forget(feed.end());
    CHECK(feed.size() == 4 * event(996).size() + event(1000).size());
    CHECK(feed.end() - feed.beginning("995").position == feed.size());
}

TEST_CASE("history has a bound in bytes too") {
    Feed feed({.events = 1000, .bytes = 100'000});
    for (int id = 1; id <= 10; ++id) feed.publish("", text_of(30'000));
    CHECK(feed.beginning("0").gap == gap_of(1, 7));
    feed.publish("", text_of(100'000));
    CHECK(replay(feed, "0") == gap_of(1, 11));
    feed.publish("", "small");
    CHECK(replay(feed, "0") == gap_of(1, 11) + "id: 12\ndata: small\n\n");
}

TEST_CASE("a feed tells its streams what it skips, and a reader that comes back too") {
    Feed feed({.events = 10, .bytes = kPlenty});
    publish_numbers(feed, 1, 2);
    const Position position = feed.end();
    feed.skip_to(4);
    publish_numbers(feed, 5, 5);
    CHECK(feed.unread(position) == gap_of(3, 4) + events(5, 5));
    CHECK(replay(feed, "2") == gap_of(3, 4) + events(5, 5));
    CHECK(replay(feed, "4") == events(5, 5));
    CHECK(replay(feed, "0") == gap_of(1, 4) + events(5, 5));
}

TEST_CASE("a feed that restarts tells its streams, and counts from 1 on") {
    Feed feed({.events = 10, .bytes = kPlenty});
    publish_numbers(feed, 1, 2);
    const Position position = feed.end();
    feed.restart();
    publish_numbers(feed, 1, 1);
    CHECK(feed.unread(position) == gap_of(0, 0) + events(1, 1));
    CHECK(replay(feed, "2") == gap_of(0, 0) + events(1, 1));
}

TEST_CASE("an id of another epoch was never given, and a larger one of the same is ahead") {
    Feed feed({.events = 10, .bytes = kPlenty});
    feed.restart("ab");
    const Position position = feed.end();
    publish_numbers(feed, 1, 2);
    const std::string first = "id: 1-ab\ndata: number 1\n\n";
    const std::string second = "id: 2-ab\ndata: number 2\n\n";
    CHECK(feed.id_of(2) == "2-ab");
    CHECK(feed.unread(position) == first + second);
    CHECK(replay(feed, "0") == first + second);
    CHECK(replay(feed, "1-ab") == second);
    CHECK(replay(feed, "2-ab").empty());
    for (const std::string id : {"1", "2", "3", "1-cd", "2-cd", "9-cd", "-ab", "x-ab", "2-abab"})
        CHECK_MESSAGE(replay(feed, id) == gap_of(0, 0) + first + second, id);
    CHECK_FALSE(feed.beginning("2-ab").ahead);
    CHECK(feed.beginning("3-ab").ahead);
    CHECK(replay(feed, "3-ab").empty());
    // Without an epoch there is no other server that could have given it.
    feed.restart();
    CHECK_FALSE(feed.beginning("3").ahead);
}

TEST_SUITE_END();
