// The contract of the server of 07_longpoll: what is asked for, and when it is answered.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/http/target.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// The request is parked, and answered with nothing new after `wait`, not before.
News expect_empty_after(Caller& caller, const std::string& query, std::chrono::milliseconds wait,
                        const std::string& hint, Place place = Place::here()) {
    const auto begin = Clock::now();
    caller.ask(query, place);
    // Longer than any deadline of a test, if that is asked for.
    if (!caller.connection().wait_for_bytes(wait + 5s))
        fail("an answer after " + std::to_string(wait.count()) + " ms", "none", hint, place);
    const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    News news = caller.news(hint, place);
    if (after < wait - 5ms) {
        fail("no answer before " + std::to_string(wait.count()) + " ms",
             "one after " + std::to_string(after.count()) + " ms", hint, place);
    }
    expect_bytes("", texts_of(news), "nothing is new", place);
    return news;
}

// The messages, as in "1 Ada: one|2 Bob: two|".
std::string said(const News& news) {
    std::string all;
    for (const Message& message : news.messages)
        all += std::to_string(message.id) + " " + message.name + ": " + message.text + "|";
    return all;
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server says where it listens") {
    const Server server(kStep);
    expect_bytes("127.0.0.1", server.host(), "without --host, only this machine");
    const Connection client(server);
}

TEST_CASE("server answers each POST with 201 and its id and ids are 1 and 2 and 3") {
    const Server server(kStep);
    Caller caller(server);
    for (const std::uint64_t id : {1U, 2U, 3U}) {
        const Receipt receipt = caller.post("Привіт");
        if (receipt.id != id)
            fail(std::to_string(id), std::to_string(receipt.id), "count from 1 on");
    }
}

TEST_CASE("server answers at once with all messages newer than the client's last") {
    const Server server(kStep);
    Caller caller(server);
    caller.post("one", "name=%D0%90%D0%B4%D0%B0");
    caller.post("two");
    caller.post("три 👋", "name=Bob%20%26%20Co");
    const News all = caller.news_of("after=0", "there is news: answer at once");
    expect_bytes("1 Ада: one|2 User: two|3 Bob & Co: три 👋|", said(all),
                 "id, name and text, in the order of the posts; the name is decoded");
    CHECK_FALSE(all.gap);
    expect_bytes("три 👋", texts_of(caller.news_of("after=2", "answer at once")),
                 "after=2: only ids above 2");
    expect_bytes("one|two|три 👋", texts_of(caller.news_of("", "answer at once")),
                 "without after it is 0");
}

TEST_CASE("server parks a request for news and answers when somebody posts") {
    const Server server(kStep);
    Caller waiter(server);
    Caller speaker(server);
    waiter.park("after=0&wait=25", 200ms, "there is no news: wait for it");
    speaker.post("Привіт 👋", "name=Ada");
    const News news = waiter.news("answer a waiting client at once when there is a message");
    expect_bytes("1 Ada: Привіт 👋|", said(news), "id, name and text of the new message");
    waiter.park("after=1&wait=25", 100ms, "it has the message: wait for the next one");
    speaker.post("more");
    expect_bytes("more", texts_of(waiter.news("answer again")), "and on the same connection");
}

TEST_CASE("news does not wait for a timer") {
    const Server server(kStep);
    Caller waiter(server);
    const std::string hint = "a POST wakes the waiting clients: they do not look from time to time";
    for (int id = 1; id <= 3; ++id) {
        waiter.park("wait=25&after=" + std::to_string(id - 1), 100ms, "there is no news: wait");
        Caller(server).post("message");
        // Many others are served meanwhile, however slow this machine is.
        for (int i = 0; i < 10; ++i) settle(server);
        if (!waiter.connection().wait_for_bytes(250ms))
            fail("the news at once", "nothing, though others were served since", hint);
        expect_bytes("message", texts_of(waiter.news(hint)), hint);
    }
}

TEST_CASE("server answers with nothing after as many seconds as the client wants to wait") {
    const Server server(kStep);
    Caller caller(server);
    News news = expect_empty_after(caller, "after=0&wait=1", 1000ms, "wait=1: after one second");
    CHECK(news.last == 0);
    caller.post("one");
    news = expect_empty_after(caller, "after=1&wait=2", 2000ms, "wait=2: after two seconds");
    CHECK_MESSAGE(news.last == 1, "last is the last id that was given");
}

TEST_CASE("server never parks a client that does not want to wait") {
    const Server server(kStep);
    Caller caller(server);
    const auto begin = Clock::now();
    for (int i = 0; i < 20; ++i) {
        expect_bytes("", texts_of(caller.news_of("after=0&wait=0", "wait=0 is AJAX polling")),
                     "nobody has said anything");
    }
    // One second each would be 20 s.
    CHECK_MESSAGE(Clock::now() - begin < 10s, "20 answers at once");
    caller.post("one");
    expect_bytes("one", texts_of(caller.news_of("wait=0&after=0", "in any order")), "the news");
}

TEST_CASE("every waiting client gets every message in the same order") {
    const Server server(kStep);
    Caller one(server);
    Caller other(server);
    std::string heard_by_one;
    std::string heard_by_other;
    for (int i = 1; i <= 5; ++i) {
        const std::string after = "wait=25&after=" + std::to_string(i - 1);
        one.ask(after);
        other.ask(after);
        Caller(server).post("message " + std::to_string(i));
        heard_by_one += texts_of(one.news("answer the waiting client"));
        heard_by_other += texts_of(other.news("answer all waiting clients"));
    }
    expect_bytes("message 1message 2message 3message 4message 5", heard_by_one, "all of them");
    expect_bytes(heard_by_one, heard_by_other, "the same for all");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("several waiting clients are each answered with the messages that they lack") {
    const Server server(kStep);
    Caller speaker(server);
    speaker.post_numbered("m", 1, 10);
    Caller at_end(server);
    Caller also_at_end(server);
    Caller beyond(server);
    at_end.ask("after=10&wait=25");
    also_at_end.ask("after=10&wait=60");
    beyond.ask("after=11&wait=25");
    settle(server);
    speaker.post_numbered("m", 11, 11);
    expect_bytes("m11", texts_of(at_end.news("it is newer than 10")), "after=10");
    expect_bytes("m11", texts_of(also_at_end.news("it is newer than 10")), "after=10 too");
    if (!beyond.connection().is_silent()) (void)beyond.news("nobody has said what is newer yet");
    settle(server);
    CHECK_MESSAGE(beyond.connection().is_silent(), "id 11 is not newer than 11: go on waiting");
    for (const int after : {0, 4, 9}) {
        expect_bytes(numbered("m", static_cast<std::uint64_t>(after) + 1, 11),
                     texts_of(at_end.news_of("after=" + std::to_string(after), "at once")),
                     "to each the messages that it lacks");
    }
    speaker.post_numbered("m", 12, 12);
    expect_bytes("m12", texts_of(beyond.news("12 is newer than 11")), "after=11");
}

TEST_CASE("a client ahead of the server waits and then learns how far the server is") {
    const Server server(kStep);
    Caller speaker(server);
    speaker.post_numbered("m", 1, 2);
    Caller caller(server);
    caller.ask("after=5&wait=3");
    settle(server);
    speaker.post_numbered("m", 3, 3);
    const News news = caller.news("after three seconds");
    expect_bytes("", texts_of(news), "3 is not newer than 5");
    CHECK_MESSAGE(news.last == 3, "last is the last id that was given, not what was asked for");
    CHECK_FALSE(news.gap);
    CHECK(caller.news_of("after=9007199254740991&wait=0", "2^53 - 1 is a number").last == 3);
}

TEST_CASE("a client that wants to wait less is answered sooner even if it came later") {
    const Server server(kStep);
    std::vector<Caller> waiters;
    for (const int seconds : {4, 1, 60}) {
        waiters.emplace_back(server);
        waiters.back().ask("wait=" + std::to_string(seconds));
    }
    const std::string hint = "each has a deadline of its own";
    expect_bytes("", texts_of(waiters[1].news(hint)), hint);
    CHECK_MESSAGE(waiters[0].connection().is_silent(), hint);
    expect_bytes("", texts_of(waiters[0].news(hint)), hint);
    CHECK_MESSAGE(waiters[2].connection().is_silent(), hint);
}

TEST_CASE("a parameter that is no number or out of bounds is answered with 400") {
    const Server server(kStep);
    const std::vector<std::string> bad{"",    "-1",     "%2B1",  "+1",  "%201", "1%20",
                                       "1.0", "1e3",    "0x10",  "x",   "1x",   "%31x",
                                       "1,2", "%D9%A1", "1%000", "NaN", "''"};
    const std::string hint = ": it is a whole number in decimal digits, once, in its bounds";
    for (const std::string& value : bad) {
        for (const std::string name : {"after", "wait"}) {
            const std::string query =
                std::string("wait=0&after=0").replace(name == "wait" ? 5 : 13, 1, value);
            expect_status(server, news_request(query), 400, std::string(query).append(hint));
        }
    }
    for (const std::string query :
         {"wait=0&after=9007199254740992", "wait=0&after=18446744073709551616",
          "wait=0&after=100000000000000000000000000", "wait=61", "wait=100", "wait=4294967296",
          "wait=18446744073709551616", "wait=0&wait=0", "wait=0&after=0&after=0",
          "wait=0&after=0&after=1", "wait=0&wait=x", "wait=0&after"})
        expect_status(server, news_request(query), 400, std::string(query).append(hint));
    // Percent-encoded digits are digits.
    expect_status(server, news_request("after=%30&wait=%30"), 200, "decode the query first");
}

TEST_CASE("an epoch stays the same while the server runs and is another one at each start") {
    std::vector<std::string> epochs;
    for (int run = 0; run < 3; ++run) {
        const Server server(kStep);
        Caller caller(server);
        const std::string epoch = caller.news_of("wait=0", "an answer").epoch;
        expect_bytes(epoch, caller.post("x").epoch, "the answer to a POST names it too");
        expect_bytes(epoch, caller.news_of("wait=0", "an answer").epoch, "the same");
        expect_bytes(epoch, Caller(server).news_of("wait=0", "an answer").epoch, "for everyone");
        if (epoch.empty()) fail("an epoch", "an empty one", "name the run of the server");
        for (const std::string& other : epochs) {
            CHECK_MESSAGE(epoch != other, "random: else nobody notices that the server is new");
        }
        epochs.push_back(epoch);
    }
}

TEST_CASE("a client with the epoch of another run is answered at once with a gap and everything") {
    const Server server(kStep);
    Caller caller(server);
    const std::string strange = "&wait=25&epoch=0123456789abcdef";
    News news = caller.news_of("after=7" + strange, "do not let it wait for ids of another run");
    expect_bytes("", texts_of(news), "nothing has been said yet");
    CHECK(news.gap);
    CHECK(news.last == 0);
    caller.post_numbered("m", 1, 5);
    for (const std::string after : {"after=0", "after=3", "after=5", "after=700"}) {
        news = caller.news_of(after + strange, "answer at once");
        expect_bytes("m1|m2|m3|m4|m5", texts_of(news), "everything that is kept: it starts over");
        CHECK_MESSAGE(news.gap, "it may have missed earlier messages");
    }
    // And with the right one it waits like everybody.
    const std::string own = "&epoch=" + http::percent_encode(news.epoch);
    expect_bytes("m5", texts_of(caller.news_of("after=4" + own, "at once")), "as without epoch");
    CHECK_FALSE(caller.news_of("after=5&wait=0" + own, "at once").gap);
    caller.park("after=5&wait=25" + own, 100ms, "the epoch is this one: there is no news");
    Caller(server).post_numbered("m", 6, 6);
    news = caller.news("answer when somebody posts");
    expect_bytes("m6", texts_of(news), "what is new");
    CHECK_FALSE(news.gap);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("server parks for 25 s by default and takes it for no request that is late") {
    const Server server(kStep);
    Caller caller(server);
    // 10 s are the bound of a request that does not come whole, and of a response not taken.
    expect_empty_after(caller, "after=0", 25s, "wait is 25 by default");
    caller.post("still there");
    expect_bytes("still there", texts_of(caller.news_of("", "the connection is kept")), "");
}

TEST_SUITE_END();
