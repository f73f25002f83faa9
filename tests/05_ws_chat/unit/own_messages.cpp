// Unit tests of the messages that a client of 05_ws_chat says: their pace, and which come back.
#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <string>

#include "05_ws_chat/own_messages.hpp"

using namespace ws_chat;
using namespace std::chrono_literals;
using Messages = std::deque<std::string>;

TEST_SUITE_BEGIN("unit");

TEST_CASE("the client's messages come back in their order, among those of others") {
    OwnMessages own("Ann", {});
    own.said("1");
    own.said("2");
    // Another member may have the same name, and say what we have said, too.
    CHECK(own.heard("Ann: 2").empty());
    CHECK(own.heard("Bob: 1").empty());
    CHECK_FALSE(own.all_heard());
    CHECK(own.heard("Ann: 1").empty());
    CHECK(own.heard("Ann: 2").empty());
    CHECK(own.all_heard());
}

TEST_CASE("a message is lost if a later one comes back after the server has told of losses") {
    OwnMessages own("Ann", {});
    for (const char* const text : {"1", "2", "3"}) own.said(text);
    own.may_be_lost();
    for (const char* const text : {"4", "5"}) own.said(text);
    CHECK(own.heard("Ann: 2") == Messages{"Ann: 1"});
    // The server told of losses before 4 and 5 were said, so these are not in doubt.
    CHECK(own.heard("Ann: 5").empty());
    CHECK(own.heard("Ann: 4") == Messages{"Ann: 3"});
    CHECK(own.heard("Ann: 5").empty());
    CHECK(own.all_heard());
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
    CHECK(own.give_up() == Messages{"Ada: one", "Ada: two"});
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

TEST_SUITE_END();
