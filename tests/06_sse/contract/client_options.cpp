// The contract of the client of 06_sse: its options, its trace, and what strangers may do to its
// terminal.
#include <doctest/doctest.h>

#include <string>

#include "tests/06_sse/support/client.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::sse_client;

TEST_SUITE_BEGIN("full");

TEST_CASE("programs without some of the descriptors 0 to 2 do what they always do") {
    expect_closed_descriptors_harmless(
        kStep,
        [](const Server& server) {
            return url_client_command(kStep, "http://127.0.0.1:" + server.port());
        },
        "User: hello\n");
}

TEST_CASE("client begins after the event that --last-event-id names") {
    Conversation talk({"--last-event-id", "41"});
    expect_bytes("41", talk.request.value("Last-Event-ID"), "--last-event-id 41");
}

TEST_CASE("client shows the type of an event and says in words what is missing") {
    Conversation talk;
    talk.stream.send("event: news\nid: 1\ndata: one\ndata: two\n\n");
    talk.stream.send("event: message\nid: 2\ndata: three\n\n");
    talk.client.expect_output("[news] one\\ntwo\nthree\n", "a type that is not message is shown");
    talk.stream.send("event: gap\ndata: {\"first\":3,\"last\":7}\n\n");
    talk.client.expect_error("3", "say on stderr which events are missing");
    talk.client.expect_error("7", "say on stderr which events are missing");
    talk.stream.send("id: 8\ndata: four\n\n");
    talk.client.expect_output("[news] one\\ntwo\nthree\nfour\n", "a gap is no event of the chat");
}

TEST_CASE("client lets no text paint on the terminal") {
    Conversation talk({}, Streams::terminal);
    talk.stream.send("data: \x1b[2Jgone\x07\n\nevent: \x1b[1m\ndata: x\n\n");
    // The terminal writes CR before each LF.
    talk.client.expect_output("\\x1b[2Jgone\\x07\r\n[\\x1b[1m] x\r\n",
                              "show control characters, do not send them to a terminal");
}

TEST_CASE("client prints a message on one line, whatever is in it, and isolates its name") {
    Conversation in_pipe;
    in_pipe.stream.send("data: Bob: hi\ndata: Alice: yes\n\n");
    in_pipe.client.expect_output("Bob: hi\\nAlice: yes\n", "nobody speaks in another's name");
    Conversation talk({}, Streams::terminal);
    talk.stream.send("data: דוד: hi\ndata: Alice: \u202Eyes\u2028\n\n");
    talk.client.expect_output(
        "\u2068דוד\u2069: hi\\nAlice: \\xe2\\x80\\xaeyes\\xe2\\x80\\xa8\r\n",
        "FSI and PDI around the name; no line ends, nothing that turns the line around");
}

TEST_CASE("client shows with --trace what it sends and receives") {
    Conversation talk({"--trace"});
    talk.stream.send("id: 5\ndata: Привіт\n\n");
    talk.client.expect_output("Привіт\n", "print what comes");
    for (const std::string words : {"→ ", "GET /events HTTP/1.1", "← ", "id: 5", "data: Привіт"})
        talk.client.expect_error(words, "--trace shows each line that comes and goes");
}

TEST_CASE("bad usage of the client exits with 2 and shows the usage line") {
    expect_bad_usage(kStep, {{"client", "--name", ""},
                             {"client", "--name", std::string(33, 'x')},
                             {"client", "--name", "a\nb"},
                             {"client", "--name"},
                             {"client", "--nothing"},
                             {"client", "http://127.0.0.1:1", "extra"}});
}

TEST_SUITE_END();
