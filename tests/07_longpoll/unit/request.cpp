// Unit tests of what a client asks of 07_longpoll, and of those who wait there.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "07_longpoll/request.hpp"
#include "07_longpoll/waiting.hpp"
#include "common/http/connection.hpp"
#include "common/http/target.hpp"

using namespace longpoll;
using namespace std::chrono_literals;

namespace {

http::Request request_for(const std::string& target, std::vector<http::Field> fields = {},
                          const std::string& body = "") {
    http::Request request;
    request.target = *http::parse_target(target);
    request.head.fields = std::move(fields);
    request.body = body;
    return request;
}

// "after wait epoch" that a GET with this `query` asks for, or the status that refuses it.
std::string ask(const std::string& query) {
    const auto parsed = parse_ask(request_for("/messages?" + query));
    if (const auto* const refusal = std::get_if<http::Refusal>(&parsed))
        return std::to_string(refusal->status);
    const auto& ask = std::get<Ask>(parsed);
    return std::to_string(ask.after) + " " + std::to_string(ask.wait.count()) + " " +
           ask.epoch.value_or("-");
}

// "name key" of a POST, or the status that refuses it.
std::string post(const std::string& query, const std::vector<http::Field>& fields,
                 const std::string& body = "hi") {
    const auto parsed = parse_post(request_for("/messages?" + query, fields, body));
    if (const auto* const refusal = std::get_if<http::Refusal>(&parsed))
        return std::to_string(refusal->status);
    const auto& post = std::get<Post>(parsed);
    return post.name + " " + post.key;
}

const http::Field kText{"Content-Type", "text/plain"};

/// Connections that wait. Those who wait are only named by them here.
struct Room {
    http::Connection ada{"ada", lab::Trace(false), [] {}};
    http::Connection bob{"bob", lab::Trace(false), [] {}};
    http::Connection eve{"eve", lab::Trace(false), [] {}};
    Waiting waiting;
    Waiting::Time begin = Waiting::Time() + 1h;

    // The clients that take() takes out, one after the other.
    std::string take_all(Id last, Waiting::Time now) {
        std::string names;
        while (const auto waiter = waiting.take(last, now))
            names += waiter->connection->peer() + " ";
        return names;
    }
};

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the parameters of a GET are whole numbers in their bounds or it is refused") {
    CHECK(ask("") == "0 25 -");
    CHECK(ask("after=7&wait=0&epoch=e") == "7 0 e");
    CHECK(ask("wait=60&after=9007199254740991&more=1&epoch=") == "9007199254740991 60 ");
    CHECK(ask("after=007") == "7 25 -");
    for (const char* const query :
         {"after=", "after", "after=-1", "after=%2B1", "after=+1", "after=1+", "after=1.0",
          "after=1e3", "after=0x1", "after=9007199254740992", "after=18446744073709551617",
          "after=1&after=1", "wait=", "wait=61", "wait=-1", "wait=1s", "wait=0&wait=1",
          "after=%00"}) {
        CAPTURE(query);
        CHECK(ask(query) == "400");
    }
}

TEST_CASE("a POST is text in UTF-8 by somebody whose name is one") {
    CHECK(post("", {kText}) == "User ");
    CHECK(post("name=%D0%90%D0%B4%D0%B0", {kText}) == "Ада ");
    CHECK(post("", {kText}, "") == "User ");
    CHECK(post("", {{"Content-Type", "Text/Plain; charset=UTF-8"}}) == "User ");
    CHECK(post("", {{"Content-Type", "text/plain; charset=latin1"}}) == "415");
    CHECK(post("", {{"Content-Type", "application/json"}}) == "415");
    CHECK(post("", {}) == "415");
    CHECK(post("name=", {kText}) == "400");
    CHECK(post("name=a%0Ab", {kText}) == "400");
    CHECK(post("name=" + std::string(33, 'x'), {kText}) == "400");
    CHECK(post("", {kText}, "\xC3") == "400");
}

TEST_CASE("a key is visible ASCII and there is but one") {
    const auto with_key = [](const std::string& key) {
        return post("", {kText, {"Idempotency-Key", key}});
    };
    CHECK(with_key("a-1") == "User a-1");
    CHECK(with_key(std::string(64, 'k')) == "User " + std::string(64, 'k'));
    CHECK(with_key(std::string(65, 'k')) == "400");
    CHECK(with_key("") == "400");
    CHECK(with_key("a b") == "400");
    CHECK(with_key("Я") == "400");
    CHECK(post("", {kText, {"Idempotency-Key", "a"}, {"idempotency-key", "a"}}) == "400");
}

TEST_CASE("waiting clients are taken out for news or when their time has come and once each") {
    Room room;
    room.waiting.add({&room.ada, {.after = 5}, {}}, room.begin + 25s);
    room.waiting.add({&room.bob, {.after = 5}, {}}, room.begin + 1s);
    room.waiting.add({&room.eve, {.after = 9}, {}}, room.begin + 30s);
    CHECK(room.waiting.next_deadline() == room.begin + 1s);
    CHECK(room.take_all(5, room.begin).empty());
    CHECK(room.take_all(5, room.begin + 1s) == "bob ");
    CHECK(room.waiting.next_deadline() == room.begin + 25s);
    // News and a time-out at the same instant.
    CHECK(room.take_all(6, room.begin + 25s) == "ada ");
    CHECK(room.take_all(8, room.begin + 25s).empty());
    CHECK(room.take_all(8, room.begin + 30s) == "eve ");
    CHECK_FALSE(room.waiting.next_deadline());
}

TEST_CASE("a client that has missed some messages does not wait") {
    Room room;
    room.waiting.add({&room.ada, {.after = 5}, {}}, room.begin + 25s);
    room.waiting.add({&room.bob, {.after = 5, .gap = true}, {}}, room.begin + 25s);
    CHECK(room.take_all(5, room.begin) == "bob ");
}

TEST_CASE("a client that has left is answered no more and may come again") {
    Room room;
    room.waiting.add({&room.ada, {.after = 0}, {}}, room.begin + 1s);
    room.waiting.remove(room.bob);
    room.waiting.remove(room.ada);
    CHECK_FALSE(room.waiting.next_deadline());
    CHECK(room.take_all(9, room.begin + 1h).empty());
    room.waiting.add({&room.ada, {.after = 9}, {{"Vary", "Origin"}}}, room.begin + 1s);
    const auto waiter = room.waiting.take_any();
    REQUIRE(waiter);
    CHECK(waiter->connection == &room.ada);
    CHECK(waiter->question.after == 9);
    CHECK(waiter->fields.size() == 1);
    CHECK_FALSE(room.waiting.take_any());
}

TEST_CASE("a client that leaves takes no other one along") {
    Room room;
    std::vector<http::Connection*> clients{&room.ada, &room.bob, &room.eve};
    std::string names = "ada eve ";
    for (int i = 0; i < 4; ++i) {
        for (http::Connection* const one : clients)
            room.waiting.add({one, {.after = 5}, {}}, room.begin + 25s);
        room.waiting.remove(room.bob);
        CHECK(room.waiting.next_deadline() == room.begin + 25s);
        CHECK(room.take_all(5, room.begin + 24s).empty());
        // News and time-outs take them out in the order in which they came.
        CHECK(room.take_all(i < 2 ? 6 : 5, room.begin + 25s) == names);
        std::ranges::reverse(clients);
        names = i % 2 == 0 ? "eve ada " : "ada eve ";
    }
}

TEST_CASE("clients that ask the same come one after the other") {
    Room room;
    room.waiting.add({&room.ada, {.after = 5}, {}}, room.begin + 1s);
    room.waiting.add({&room.bob, {.after = 4}, {}}, room.begin + 2s);
    room.waiting.add({&room.eve, {.after = 5}, {}}, room.begin + 3s);
    CHECK(room.take_all(6, room.begin) == "bob ada eve ");
}

TEST_SUITE_END();
