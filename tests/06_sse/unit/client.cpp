// Unit tests of what the client of 06_sse is made of.
#include <doctest/doctest.h>

#include <deque>
#include <string>

#include "06_sse/feed.hpp"
#include "06_sse/own_posts.hpp"

using namespace sse;

TEST_SUITE_BEGIN("unit");

TEST_CASE("a gap is read from its data and told in words") {
    const auto words = [](const std::string& data) {
        const auto gap = parse_gap(data);
        return gap ? words_of(*gap) : "none";
    };
    CHECK(words(R"({"first":3,"last":7})") == "a gap: events 3 to 7 are gone");
    CHECK(words(R"({"first":3,"last":3})") == "a gap: event 3 is gone");
    CHECK(words(R"({"first":0,"last":0})") ==
          "a gap: the server has never given the id that we had: it has restarted");
    CHECK(words(R"({"first":0,"last":5})") ==
          "a gap: the server has never given the id that we had: it has restarted, and its events "
          "up to 5 are gone");
    for (const std::string bad :
         {"", "{}", "3 to 7", R"({"first":3})", R"({"first":,"last":7})",
          R"({"first":-1,"last":7})", R"({"first":1,"last":99999999999999999999})"})
        CHECK_MESSAGE(words(bad) == "none", bad);
}

TEST_CASE("own posts go one after the other and are done when the last has come back") {
    OwnPosts posts;
    CHECK(posts.all_done());
    CHECK_FALSE(posts.next());
    posts.add("one");
    posts.add("two");
    CHECK(posts.size_waiting() == 6);
    CHECK(posts.next() == "one");
    CHECK(posts.under_way());
    CHECK_FALSE(posts.next());
    CHECK(posts.answered(202, "7\n").empty());
    CHECK(posts.next() == "two");
    posts.seen("7");
    CHECK(posts.size_waiting() == 0);
    CHECK_FALSE(posts.all_done());
    CHECK(posts.answered(202, "9\n").empty());
    CHECK_FALSE(posts.all_done());
    posts.seen("8");
    CHECK_FALSE(posts.all_done());
    posts.seen("9");
    CHECK(posts.all_done());
}

TEST_CASE("an own post may come back before its answer does") {
    OwnPosts posts;
    posts.add("one");
    posts.next();
    posts.seen("7");
    CHECK_FALSE(posts.all_done());
    CHECK(posts.answered(202, "7\n").empty());
    CHECK(posts.all_done());
}

TEST_CASE("an own post that a gap has swallowed is not waited for") {
    OwnPosts posts;
    posts.add("one");
    posts.next();
    CHECK(posts.answered(202, "7\n").empty());
    posts.seen(Gap{3, 6});
    CHECK_FALSE(posts.all_done());
    posts.seen(Gap{3, 7});
    CHECK(posts.all_done());

    // Another run of the server: its ids are not those that we wait for.
    posts.add("two");
    posts.next();
    CHECK(posts.answered(202, "8\n").empty());
    posts.seen(Gap{0, 0});
    CHECK(posts.all_done());
    posts.add("three");
    posts.next();
    CHECK(posts.answered(202, "1\n").empty());
    CHECK_FALSE(posts.all_done());
    posts.seen("1");
    CHECK(posts.all_done());
}

TEST_CASE("an own post with which the server has done nothing is the next again") {
    OwnPosts posts;
    posts.add("one");
    posts.add("two");
    posts.put_back();
    posts.next();
    posts.put_back();
    CHECK_FALSE(posts.under_way());
    CHECK(posts.size_waiting() == 6);
    CHECK(posts.next() == "one");
    CHECK(posts.answered(202, "1").empty());
    CHECK(posts.next() == "two");
    CHECK(posts.size_waiting() == 0);
}

TEST_CASE("unpublished lines are reported and so are lines that may have been published") {
    OwnPosts posts;
    CHECK(posts.broke().empty());
    for (const std::string line : {"one", "two", "three", "four"}) posts.add(line);
    posts.next();
    CHECK(posts.answered(400, "the text is \x1b[2J\nand more") ==
          "not published: 400, the text is \\x1b[2J: \"one\"");
    posts.next();
    CHECK(posts.broke() == "not known whether it was published: \"two\"");
    CHECK(posts.give_up() ==
          std::deque<std::string>{"not published: \"three\"", "not published: \"four\""});
    CHECK(posts.all_done());
}

TEST_SUITE_END();
