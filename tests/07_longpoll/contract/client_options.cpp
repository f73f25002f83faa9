// The contract of the client of 07_longpoll: its options, its trace, and what strangers may do to
// its terminal.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/07_longpoll/support/client.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/07_longpoll/support/station.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("full");

TEST_CASE("client asks to wait as long as it was told") {
    Conversation talk({"--wait", "7"});
    expect_bytes("7", talk.station.next_get("ask").argument("wait").value_or("none"), "--wait 7");
}

TEST_CASE("client that polls asks every so often without waiting over one connection") {
    const auto begin = std::chrono::steady_clock::now();
    Conversation talk({"--poll", "100"});
    for (int i = 0; i < 10; ++i) {
        const Asked get = talk.station.next_get("--poll 100: ask every 100 ms");
        expect_bytes("0", get.argument("wait").value_or("none"), "wait=0 is AJAX polling");
        if (i == 5) talk.client.write_input("hello\n");
        talk.station.answer(get, {{}, 0, false, "e1"});
        if (i == 5) talk.station.answer(talk.next_post_of_poller(), Receipt{1, "e1"});
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK_MESSAGE(took > 850ms, "nine times 100 ms lie between ten requests");
    CHECK_MESSAGE(!took_longer(took, 5s), "--poll 100: ask every 100 ms");
    CHECK_MESSAGE(talk.station.connections() == 1, "nothing is parked: one connection will do");
}

TEST_CASE("a client that polls talks with one that waits") {
    const Server server(kStep);
    Program polls(client_of(server, {"--name", "polls", "--poll", "50"}));
    polls.write_input("one\n");
    polls.expect_output("polls: one\n", "everyone hears a message");
    Program waits(client_of(server, {"--name", "waits"}));
    waits.write_input("two\n");
    polls.expect_output("polls: one\nwaits: two\n", "everyone hears a message");
    polls.write_input("three\nexit\n");
    waits.expect_output("waits: two\npolls: three\n", "everyone hears a message");
    polls.expect_exit(0, "exit leaves");
}

TEST_CASE("client on a terminal makes control characters visible that others send") {
    Conversation talk({}, 0, Streams::terminal);
    talk.say({{1, "Bob", "\x1b[2J\x07 gone?"}});
    talk.client.expect_output("Bob: \\x1b[2J\\x07 gone?\r\n",
                              "a stranger's escape sequences must not reach the terminal");
}

TEST_CASE("client prints a message on one line, whatever is in it, and isolates its name") {
    Conversation in_pipe;
    in_pipe.say({{1, "Bob", "hi\nAlice: yes"}});
    in_pipe.client.expect_output("Bob: hi\\nAlice: yes\n", "nobody speaks in another's name");
    Conversation talk({}, 0, Streams::terminal);
    talk.say({{1, "דוד", "hi\r\nAlice: \u202Eyes\u2028"}});
    talk.client.expect_output(
        "\u2068דוד\u2069: hi\\r\\nAlice: \\xe2\\x80\\xaeyes\\xe2\\x80\\xa8\r\n",
        "FSI and PDI around the name; no line ends, nothing that turns the line around");
}

TEST_CASE("client leaves at the word exit in capitals too") {
    Conversation talk;
    talk.client.write_input("EXIT\n");
    talk.client.expect_exit(0, "exit, in any case");
}

TEST_CASE("trace shows the requests and the answers") {
    Conversation talk({"--trace"});
    talk.client.write_input("hello\n");
    talk.confirm_and_say(talk.station.next_post("POST each line"), {{1, "User", "hello"}});
    talk.client.expect_output("User: hello\n", "print what is said");
    const std::string peer = "127.0.0.1:" + talk.station.port();
    talk.client.expect_error("→ " + peer, "sent");
    talk.client.expect_error("← " + peer, "received");
    talk.client.expect_error("POST /messages", "the request line");
    talk.client.expect_error("Idempotency-Key: ", "header lines");
    talk.client.expect_error("HTTP/1.1 201 Created", "the answer");
    talk.client.expect_error(R"({"messages":[{"id":1,)", "its body");
}

TEST_CASE("client refuses an answer that is longer than it can be") {
    Station station;
    Program client({path_of(kStep), "client", station.url()});
    const Asked get = station.next_get("ask where the chat is");
    station.connection(get).send(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        "1000000000000\r\n\r\n");
    client.expect_exit(1, "its length says so: do not gather a terabyte");
    client.expect_error("07_longpoll: ", "one line on stderr says what is wrong");
}

TEST_CASE("client exits with 2 and shows the usage line when its command line is wrong") {
    expect_bad_usage(kStep,
                     {{"client", "--name"},
                      {"client", "--name", std::string(33, 'x')},
                      {"client", "--poll", "often"},
                      {"client", "--poll", "-1"},
                      {"client", "--wait", "61"},
                      {"client", "--nothing"},
                      {"client", "http://a/", "extra"}},
                     "usage: 07_longpoll client");
}

TEST_SUITE_END();
