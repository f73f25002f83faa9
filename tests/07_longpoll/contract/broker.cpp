// What our own 07_longpoll does with --broker: many servers, one room, and no sticky sessions.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/common/support/shared_room.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

std::string key(const std::string& value) {
    return "Idempotency-Key: " + value + "\r\n";
}

Receipt post_with_key(const Server& server, const std::string& text, const std::string& value) {
    Caller caller(server);
    caller.connection().send(post_request(text, "", key(value)));
    return caller.receipt("a message with a key is confirmed");
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("any server of a room answers any question: after and epoch are the room's") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server one(kStep, in_room(redis)), other(kStep, in_room(redis));
    const std::string epoch = Caller(one).news_of("wait=0", "at once").epoch;
    std::uint64_t after = 0;
    for (int i = 1; i <= 6; ++i) {
        // One client that is sent to another server each time, as a load balancer does it.
        const Server& here = i % 2 ? one : other;
        const Server& there = i % 2 ? other : one;
        Caller reader(here);
        reader.ask("after=" + std::to_string(after) + "&wait=25&epoch=" + epoch);
        const Receipt receipt = Caller(there).post("m" + std::to_string(i));
        CHECK(receipt.epoch == epoch);
        const News news = reader.news("a message of any server ends the wait at every server");
        expect_bytes("m" + std::to_string(i), texts_of(news), "each message comes once");
        CHECK(news.last == receipt.id);
        CHECK_FALSE(news.gap);
        after = news.last;
    }
}

TEST_CASE("a message that is sent again to another server of the room is said once") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server one(kStep, in_room(redis)), other(kStep, in_room(redis));
    const Receipt first = post_with_key(one, "once", "k1");
    const Receipt again = post_with_key(other, "once", "k1");
    CHECK(again.id == first.id);
    CHECK(again.epoch == first.epoch);
    CHECK(post_with_key(other, "twice", "k2").id == first.id + 1);
    expect_bytes("once|twice", texts_of(Caller(one).news_of("after=0&wait=0", "at once")),
                 "a key that the room knows adds nothing");
}

TEST_CASE("a server that lags behind the room does not send its reader back") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server server(kStep, in_room(redis));
    Caller caller(server);
    CHECK(caller.post("m1").id == 1);
    const std::string epoch = caller.news_of("after=0&wait=0", "at once").epoch;
    // Another server has told the reader of two messages that this one does not have yet.
    const News news = caller.news_of("after=3&wait=0&epoch=" + epoch, "at once");
    CHECK(news.last == 3);
    CHECK_FALSE(news.gap);
}

TEST_CASE("without the broker nothing is posted, and a new room has a new epoch") {
    if (!Redis::is_there()) return;
    Redis redis;
    Server server(kStep, in_room(redis));
    Caller caller(server);
    CHECK(caller.post("before").id == 1);
    const std::string epoch = caller.news_of("after=0&wait=0", "at once").epoch;
    Caller parked(server);
    parked.ask("after=1&wait=25&epoch=" + epoch);
    settle(server);
    redis.kill();
    server.expect_error("next try in", "the server notices that the broker has gone");
    const auto refused = ask(server, post_request("meanwhile"), "the server has no broker");
    expect_status(refused, 503, "nothing is posted that no other server would show");
    CHECK(refused.head.value("Retry-After") == "1");
    CHECK(parked.connection().is_silent());

    redis.start();
    const News empty = parked.news("a room that is another one ends the wait");
    CHECK(empty.messages.empty());
    const News news = caller.news_of("after=1&wait=25&epoch=" + epoch, "at once");
    CHECK(news.gap);
    CHECK(news.epoch != epoch);
    CHECK(news.last == 0);
    server.expect_error("connected again", "the server comes back to its broker by itself");
    CHECK(caller.post("after").id == 1);
}

TEST_CASE("messages that the broker has forgotten are told as a gap by every server") {
    if (!Redis::is_there()) return;
    const Redis redis;
    Server server(kStep, in_room(redis));
    Caller caller(server);
    const std::string epoch = caller.news_of("wait=0", "at once").epoch;
    Caller parked(server);
    parked.ask("after=0&wait=25&epoch=" + epoch);
    settle(server);
    const std::string add = "XADD lounge 0-* name Ann text x\r\n";
    redis.run("CLIENT KILL TYPE normal SKIPME yes\r\n" + add + add + add +
              "XTRIM lounge MAXLEN 1\r\n");
    CHECK(parked.news("the wait ends when there is a gap").messages.empty());
    const News news = caller.news_of("after=0&wait=25&epoch=" + epoch, "at once");
    CHECK(news.gap);
    CHECK(news.last == 3);
    CHECK(news.messages.size() == 1);
}

// LAB_ROOMS=full makes it large: `./lab check rooms`.
TEST_CASE(
    "servers behind nginx lose and double no message while one dies, one ends, the broker stops") {
    if (!Redis::is_there() || !Nginx::is_there()) return;
    SharedRoom room("07_longpoll", {"--history", "100000"});
    room.talk();
    // A message with a key is said again until it is confirmed, and is said once.
    CHECK(room.expect_one_order() == 0);
    room.begin_again("the server has restarted");
    room.leave(0);
}

TEST_SUITE_END();
