#include <doctest/doctest.h>

#include <deque>
#include <string>

#include "05_ws_chat/own_messages.hpp"

using ws_chat::OwnMessages;
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

TEST_SUITE_END();
