// The contract of the client of 07_longpoll: how long it waits, what it tries again, and what it
// says when not all was done.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/client.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

void refuse(Conversation& talk, const Asked& asked, const std::string& status,
            const std::string& fields = "", Place place = Place::here()) {
    talk.station.connection(asked).send(http_response(status, "for now\n", fields), place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("client does not ask again and again where each answer has another epoch") {
    const auto begin = Clock::now();
    Conversation talk;
    for (int i = 0; i < 5; ++i) {
        talk.station.answer(talk.station.next_get("ask"),
                            {{}, 0, false, "other" + std::to_string(i)});
    }
    // After the second one at least 0.25 s, then 0.5 s, then 1 s.
    if (Clock::now() - begin < 1700ms) {
        fail("1.75 s for five answers", "less",
             "an address behind which there is another server each time is trouble: back off");
    }
}

TEST_CASE("client does not ask again and again where each answer is empty or has news") {
    const auto begin = Clock::now();
    Conversation talk;
    for (int i = 0; i < 20; ++i)
        talk.station.answer(talk.station.next_get("ask"), {{}, 0, false, "e1"});
    if (Clock::now() - begin < 1800ms)
        fail("0.1 s each", "less", "a server that does not park is not asked all the time");
    const Asked last = talk.station.next_get("ask");
    const auto again = Clock::now();
    talk.station.answer(last, {{}, 0, false, "e1"});
    for (std::uint64_t id = 1; id <= 50; ++id) talk.say({{id, "Ada", "news"}});
    if (Clock::now() - again < 900ms) fail("20 ms each", "less", "also good news has a floor");
}

TEST_CASE("client that leaves does not keep asking for its last message") {
    Conversation talk({"--poll", "3000"});
    talk.client.write_input("one\n");
    const Asked post = talk.next_post_of_poller();
    talk.client.end_input();
    const auto begin = Clock::now();
    talk.station.answer(post, Receipt{1, "e1"});
    for (int i = 0; i < 5; ++i)
        talk.station.answer(talk.station.next_get("has it come back?"), {{}, 0, false, "e1"});
    if (Clock::now() - begin < 350ms) fail("0.1 s each", "less", "2 s of haste are a flood too");
    talk.say({{1, "User", "one"}});
    talk.client.expect_exit(0, "it has come back");
}

TEST_CASE("client goes on after refusals that can pass and posts once") {
    Conversation talk;
    for (const std::string status : {"502 Bad Gateway", "504 Gateway Timeout"}) {
        refuse(talk, talk.station.next_get("ask"), status);
        talk.client.expect_error("refused: " + status.substr(0, 3), "say why it waits");
    }
    talk.client.write_input("one\n");
    std::string key;
    for (int i = 0; i < 2; ++i) {
        const Asked post = talk.station.next_post("post, and again");
        const std::string its = post.head.value("Idempotency-Key");
        if (i > 0) expect_bytes(key, its, "with the same key it is said once");
        key = its;
        if (i == 0) refuse(talk, post, "502 Bad Gateway");
        if (i == 1) talk.station.answer(post, Receipt{1, "e1"});
    }
    talk.say({{1, "User", "one"}});
    talk.client.expect_output("User: one\n", "go on");
    talk.client.write_input("exit\n");
    talk.client.expect_exit(0, "all was done in the end");
}

TEST_CASE("client waits for as long as Retry-After says") {
    Conversation talk;
    const Asked asked = talk.station.next_get("ask");
    const auto begin = Clock::now();
    refuse(talk, asked, "429 Too Many Requests", "Retry-After: 2\r\n");
    talk.station.next_get("ask again");
    if (Clock::now() - begin < 1900ms) fail("2 s", "less", "RFC 9110, 10.2.3: Retry-After");
}

TEST_CASE("client says that a line was refused and exits with 1") {
    Conversation talk;
    talk.client.write_input("one\ntwo\n");
    refuse(talk, talk.station.next_post("post"), "413 Content Too Large");
    talk.client.expect_error("413", "say that it was refused");
    talk.confirm_and_say(talk.station.next_post("post the next"), {{1, "User", "two"}});
    talk.client.write_input("exit\n");
    talk.client.expect_exit(1, "not everything was said");
}

TEST_CASE("client posts all lines before one that is too long and exits with 1") {
    Conversation talk;
    // The end of it fits into the pipe: the client reads no more than it has to.
    talk.client.write_input("one\n" + std::string(1'080'000, 'x'));
    talk.confirm_and_say(talk.station.next_post("post"), {{1, "User", "one"}});
    talk.client.expect_exit(1, "a line was not sent: no success");
    talk.client.expect_error("too long", "say what was not sent");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("client that prints to a full disk says so and exits with 1") {
    expect_lost_output_told(kStep, {{"--help"}, {"client", "--help"}, {"server", "--port", "0"}});
    Station station;
    Program client(onto_full_disk(client_command_for(station.url())));
    station.answer(station.next_get("begin"), {{}, 0, false, "e1"});
    station.answer(station.next_get("ask"), {{{1, "Ada", "hi"}}, 1, false, "e1"});
    expect_full_disk_told(kStep, client);
}

TEST_CASE("client leaves at once when nobody reads what it prints") {
    Station station;
    Program client(into_head(client_command_for(station.url())));
    station.answer(station.next_get("begin"), {{}, 0, false, "e1"});
    station.answer(station.next_get("ask"), {{{1, "Ada", "hi"}}, 1, false, "e1"});
    expect_end_without_reader(client, "Ada: hi\n");
}

TEST_SUITE_END();
