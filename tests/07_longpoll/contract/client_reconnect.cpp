// The contract of the client of 07_longpoll: connections that break, and servers that go and come.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/client.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/07_longpoll/support/station.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

std::string key_of(const Asked& post, Place place = Place::here()) {
    std::string key = post.head.value("Idempotency-Key");
    if (key.empty()) {
        fail("Idempotency-Key: something random", post.head.fields,
             "without it a second try could say the message twice", place);
    }
    return key;
}

std::vector<std::string> server_at(const std::string& port) {
    return {path_of(kStep), "server", "--port", port};
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("client posts again with the same key when the connection breaks before the answer") {
    for (const bool reset : {false, true}) {
        Conversation talk;
        talk.client.write_input("only once\n");
        const Asked first = talk.station.next_post("POST each line");
        const std::string key = key_of(first);
        talk.station.hang_up(first, reset);
        // It does not know whether the server has taken it: with the key it may try again.
        const Asked second = talk.station.next_post("a client that had no answer tries again");
        expect_bytes("only once", second.body, "the same message");
        expect_bytes(key, key_of(second), "the same key: so it is said once");
        talk.confirm_and_say(second, {{1, "User", "only once"}});
        talk.client.expect_output("User: only once\n", "shown once");
        talk.client.write_input("exit\n");
        talk.client.expect_exit(0, "exit leaves");
    }
}

TEST_CASE("client gives each message a key of its own") {
    Conversation talk;
    std::set<std::string> keys;
    for (std::uint64_t i = 1; i <= 5; ++i) {
        talk.client.write_input("the same\n");
        const Asked post = talk.station.next_post("POST each line");
        const std::string key = key_of(post);
        CHECK(key.size() <= 64);
        CHECK_MESSAGE(keys.insert(key).second, "with an old key a message would be taken for it");
        talk.confirm_and_say(post, {{i, "User", "the same"}});
    }
}

TEST_CASE("client asks again for the same when the connection breaks within an answer") {
    Conversation talk;
    const std::string whole = json_response(
        "200 OK", json_of(News{{{1, "Ada", "one"}, {2, "Ada", "two"}}, 2, false, "e1"}));
    for (const std::size_t part : {std::size_t{0}, std::size_t{20}, whole.size() - 1}) {
        const Asked get = talk.station.next_get("ask again");
        expect_bytes("0", get.argument("after").value_or("none"), "nothing has come whole yet");
        talk.station.connection(get).send(whole.substr(0, part));
        talk.station.hang_up(get, part == 20);
    }
    talk.station.connection(talk.station.next_get("ask again")).send(whole);
    talk.client.expect_output("Ada: one\nAda: two\n", "each once, when its answer is whole");
    expect_bytes("2", talk.station.next_get("ask on").argument("after").value_or("none"), "go on");
}

TEST_CASE("client shows a message once although the server tells it twice") {
    Conversation talk;
    talk.say({{1, "Ada", "one"}});
    talk.say({{1, "Ada", "one"}, {2, "Ada", "two"}});
    talk.client.expect_output("Ada: one\nAda: two\n", "id 1 has been shown");
}

TEST_CASE("client opens another connection after an answer that says close") {
    Conversation talk;
    Asked get = talk.station.next_get("ask");
    for (std::uint64_t id = 1; id <= 5; ++id) {
        const std::string json = json_of(News{{{id, "Ada", "hi"}}, id, false, "e1"});
        const std::string close = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
        talk.station.connection(get).send(
            close +
            json_response("200 OK", json).substr(std::string("HTTP/1.1 200 OK\r\n").size()));
        const Asked next = talk.station.next_get("ask on");
        CHECK_MESSAGE(next.connection != get.connection,
                      "nothing is read any more where it said close");
        get = next;
    }
    talk.client.expect_output("Ada: hi\nAda: hi\nAda: hi\nAda: hi\nAda: hi\n", "go on");
}

TEST_CASE("client says that the server is gone and when it tries again and loses nothing") {
    std::optional<Server> server(std::in_place, kStep);
    const std::string port = server->port();
    Program client(client_of(*server));
    client.write_input("one\n");
    client.expect_output("User: one\n", "the chat goes on");
    server.reset();
    client.expect_error("next try in", "say that the connection is lost, and when it tries again");
    client.write_input("typed meanwhile\nand more\n");
    const Server again(server_at(port));
    client.expect_output("User: one\nUser: typed meanwhile\nUser: and more\n",
                         "a line typed without a server is posted when there is one, once");
    client.write_input("exit\n");
    client.expect_exit(0, "exit leaves");
    CHECK(Caller(again).news_of("wait=0", "at once").last == 2);
}

TEST_CASE("client starts over when the epoch is another one and says so") {
    std::optional<Server> server(std::in_place, kStep);
    const std::string port = server->port();
    Caller(*server).post_numbered("old", 1, 3);
    Program client(client_of(*server));
    client.write_input("one\n");
    client.expect_output("User: one\n", "id 4");
    server.reset();
    client.expect_error("next try in", "the connection is lost");
    // The ids of the new run begin at 1: with after=4 nothing of this would ever be seen.
    const Server again(server_at(port));
    Caller(again).post("new one", "name=Ada");
    client.expect_output("User: one\nAda: new one\n", "start over with after=0");
    client.expect_error("epoch", "say that this is another run of the server");
    client.write_input("two\nexit\n");
    client.expect_exit(0, "exit leaves");
    expect_bytes("User: one\nAda: new one\nUser: two\n", client.output(), "go on");
}

TEST_CASE("client goes on after SIGTERM has answered it with nothing") {
    std::optional<Server> server(std::in_place, kStep);
    const std::string port = server->port();
    Program client(client_of(*server));
    client.write_input("one\n");
    client.expect_output("User: one\n", "the chat goes on");
    server->expect_clean_end();
    server.reset();
    client.expect_error("next try in", "say that the connection is lost");
    const Server again(server_at(port));
    client.write_input("two\n");
    client.expect_output("User: one\nUser: two\n", "come back when the server does");
}

TEST_CASE("client says that messages are gone that it was too late for") {
    Conversation talk;
    talk.say({{1, "Ada", "one"}});
    talk.station.answer(talk.station.next_get("ask on"),
                        {{{8, "Ada", "eight"}, {9, "Ada", "nine"}}, 9, true, "e1"});
    talk.client.expect_output("Ada: one\nAda: eight\nAda: nine\n", "show what is left");
    talk.client.expect_error("gone", "gap is true: say that some are missing");
    expect_bytes("9", talk.station.next_get("ask on").argument("after").value_or("none"), "go on");
}

TEST_CASE("client that is refused for want of room tries again later") {
    Conversation talk;
    Asked get = talk.station.next_get("ask");
    talk.station.connection(get).send(
        http_response("503 Service Unavailable", "no room\n", "Connection: close\r\n"));
    talk.station.hang_up(get);
    talk.client.expect_error("next try in", "503 is for now: say when it tries again");
    talk.say({{1, "Ada", "one"}});
    talk.client.expect_output("Ada: one\n", "go on");
}

TEST_CASE("client does not ask a server again and again that is not there") {
    std::optional<Server> server(std::in_place, kStep);
    Program client(client_of(*server));
    client.write_input("one\n");
    client.expect_output("User: one\n", "the chat goes on");
    server.reset();
    client.expect_error("next try in", "the connection is lost");
    const double before = client.cpu_seconds();
    const std::string said = client.errors();
    // Nothing tells us that nothing happens but time.
    Listener unused;
    CHECK_FALSE(unused.try_accept(1500ms));
    CHECK_MESSAGE(client.cpu_seconds() - before < 0.2, "wait between two tries");
    int tries = 0;
    for (std::size_t at = 0; (at = client.errors().find("next try in", at)) != std::string::npos;)
        ++tries, ++at;
    CHECK_MESSAGE(tries <= 5, "the waits double: 0.5 s, 1 s, 2 s …");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("programs without some of the descriptors 0 to 2 do what they always do") {
    expect_closed_descriptors_harmless(
        kStep,
        [](const Server& server) {
            return url_client_command(kStep, "http://127.0.0.1:" + server.port());
        },
        "User: hello\n");
}

TEST_CASE("client that polls posts again with the same key too") {
    Conversation talk({"--poll", "50"});
    talk.client.write_input("only once\n");
    const Asked first = talk.next_post_of_poller();
    talk.station.hang_up(first);
    const Asked second = talk.next_post_of_poller();
    expect_bytes(key_of(first), key_of(second), "the same key");
    talk.station.answer(second, Receipt{1, "e1"});
    talk.say({{1, "User", "only once"}});
    talk.client.expect_output("User: only once\n", "shown once");
}

TEST_SUITE_END();
