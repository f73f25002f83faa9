// The contract of the client of 03_udp, without --reliable.
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/03_udp/support/datagram.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/output.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

const std::string kStep = "03_udp";

// A client that gets its answer does not give up before, however busy the machine is.
const std::vector<std::string> kPatient{"--timeout", "60000"};

// How long a client that has taken a wrong answer has for its next line.
constexpr auto kPause = 200ms;

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("client prints the echo of each line") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port()));
    client.write_input("hello\nПривіт 👋\n");
    client.expect_output("hello\nПривіт 👋\n", "one line in, its echo out, and nothing else");
}

TEST_CASE("client sends each line as one datagram without its line end") {
    DatagramSocket server;
    Program client(client_command(kStep, server.port()));
    client.write_input("hello\n");
    const Datagram datagram = server.receive("a line is a datagram");
    expect_bytes("hello", datagram.bytes, "a datagram keeps its bounds: it needs no line end");
    server.send_to(datagram.sender, "hello");
    client.expect_output("hello\n", "on the screen the line has its end again");
}

TEST_CASE("client leaves at the word exit") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port()));
    client.write_input("hello\nexit\nnever sent\n");
    client.expect_exit(0, "`exit` ends the client");
    client.expect_output("hello\n", "what comes after `exit` is not sent");
}

TEST_CASE("client leaves at the end of its input") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port()));
    client.write_input("hello\nno line end");
    client.end_input();
    client.expect_exit(0, "the end of standard input ends the client");
    client.expect_output("hello\nno line end\n", "the last line counts, although no LF ends it");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("client sends an empty line as an empty datagram") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port(), kPatient));
    client.write_input("\nnext\n");
    client.expect_output("\nnext\n", "a datagram of no bytes is a datagram");
}

TEST_CASE("client prints whatever the bytes are") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port(), kPatient));
    client.write_input("zero \0 half \xd0 byte\n"s);
    client.expect_output("zero \0 half \xd0 byte\n"s,
                         "UDP carries bytes: do not decode them, nor end them at a zero byte");
}

TEST_CASE("client sends the longest line that a datagram can hold") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port(), kPatient));
    client.write_input(text_of(65507) + "\n");
    client.expect_output(text_of(65507) + "\n", "65507 bytes are the most over IPv4");
}

TEST_CASE("client says that a line is too long for a datagram and goes on") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port(), kPatient));
    client.write_input(text_of(65508) + "\nnext\n");
    client.expect_output("next\n", "a line of 65508 bytes fits no datagram: skip it");
    client.expect_error("65508", "say how long the line was");
}

TEST_CASE("client gives up a line after a second and goes on") {
    DatagramSocket server;
    Program client(client_command(kStep, server.port()));
    client.write_input("one\ntwo\n");
    server.expect("one", "the first line");
    const Datagram second = server.receive("after a second without an answer, the next line");
    // At once, as the second for this answer runs already.
    server.send_to(second.sender, "two");
    expect_bytes("two", second.bytes, "a datagram that is lost is lost: do not send it again");
    client.expect_error("no answer to line 1 in 1000 ms\n", "say which line");
    client.expect_output("two\n", "the next line is served as if nothing had been");
}

TEST_CASE("client takes no late echo for the next line's answer") {
    DatagramSocket server;
    Program client(client_command(kStep, server.port(), {"--timeout", "100"}));
    // With so many lines, one is under way when the late echo comes, also if we are slow to send
    // it.
    std::string lines;
    for (int i = 1; i <= 20; ++i) lines += "same\n";
    client.write_input(lines);
    const Datagram first = server.receive("the first line");
    server.receive("the second line, after the first one's time-out");
    client.expect_error("no answer to line 1 in 100 ms\n", "the first line's time is over");
    server.send_to(first.sender, "same");
    const std::string hint =
        "the echo of the first line was late, and is no answer to another: a new socket for each "
        "line has a new port";
    client.expect_error("no answer to line 20 in 100 ms\n", hint);
    if (!client.output().empty()) fail("no output", client.output(), hint);
}

TEST_CASE("client takes no doubled echo for the next line's answer") {
    DatagramSocket server;
    Program client(client_command(kStep, server.port(), kPatient));
    client.write_input("same\nsame\nlast\n");
    const Datagram first = server.receive("the first line");
    // One copy too many comes at once, another when the next line is under way.
    for (int i = 0; i < 2; ++i) server.send_to(first.sender, "same");
    const Datagram second = server.receive("the second line");
    server.send_to(first.sender, "same");
    server.expect_none(kPause, "the second copy answers no other line");
    server.send_to(second.sender, "same");
    server.expect("last", "the third line, after the answer to the second");
    client.expect_output("same\nsame\n", "two lines were answered");
}

TEST_CASE("client takes only the echo of its own datagram") {
    DatagramSocket server;
    Program client(client_command(kStep, server.port(), kPatient));
    client.write_input("hello\nnext\nlast\n");
    const Datagram asked = server.receive("a line");
    for (const std::string other : {"", "hell", "hello!", "HELLO"})
        server.send_to(asked.sender, other);
    const std::string hint = "an echo is equal to what was sent: ignore everything else";
    server.expect_none(kPause, hint);
    server.send_to(asked.sender, "hello");
    const Datagram next = server.receive("the next line");
    server.send_to(next.sender, "hello");
    server.expect_none(kPause, hint);
    server.send_to(next.sender, "next");
    client.expect_output("hello\nnext\n", "both lines were answered");
}

TEST_CASE("client takes an answer only from the server that it asked") {
    DatagramSocket server;
    DatagramSocket stranger;
    Program client(client_command(kStep, server.port(), kPatient));
    client.write_input("hello\nnext\n");
    const Datagram asked = server.receive("a line");
    stranger.send_to(asked.sender, "hello");
    const std::string hint = "anybody can send to your port: connect(2), or compare the address";
    server.expect_none(kPause, hint);
    if (!client.output().empty()) fail("no output", client.output(), hint);
    server.send_to(asked.sender, "hello");
    server.expect("next", "the next line, after the server's answer");
    client.expect_output("hello\n", "the server has answered");
}

TEST_CASE("client keeps waiting until its time-out while other datagrams come") {
    DatagramSocket server;
    Program client(client_command(kStep, server.port(), {"--timeout", "1000"}));
    client.write_input("hello\nnext\n");
    const Datagram asked = server.receive("a line");
    // One every few milliseconds: a time-out that starts again with each would never pass.
    const auto begin = std::chrono::steady_clock::now();
    std::optional<Datagram> next;
    while (!(next = server.try_receive(5ms))) {
        if (took_longer(std::chrono::steady_clock::now() - begin, kDeadline)) {
            fail("no answer to line 1 in 1000 ms", "it still waits",
                 "compute the deadline once; the rest of it is the time for the next wait");
        }
        server.send_to(asked.sender, "something else");
    }
    expect_bytes("next", next->bytes, "after the time-out, the next line");
    client.expect_error("no answer to line 1 in 1000 ms\n", "only the echo is an answer");
}

TEST_CASE("client goes on while nobody listens and is served when somebody does") {
    const std::string port = free_udp_port();
    Program client(client_command(kStep, port, {"--timeout", "2000"}));
    client.write_input("one\n");
    client.expect_error("no answer to line 1 in 2000 ms\n",
                        "ECONNREFUSED may end before the time-out does: keep waiting");
    const Server server({path_of(kStep), "server", "--port", port});
    client.write_input("two\n");
    client.expect_output("two\n", "each line is a new attempt");
}

TEST_CASE("client ends with 0 although answers were missing") {
    Program client(client_command(kStep, free_udp_port(), {"--timeout", "50"}));
    client.write_input("one\ntwo\n");
    client.end_input();
    client.expect_exit(0, "a lost datagram is no error of the client");
    client.expect_error("no answer to line 2 in 50 ms\n", "say which line");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("programs without some of the descriptors 0 to 2 do what they always do") {
    expect_closed_descriptors_harmless(
        kStep, [](const Server& server) { return client_command(kStep, server.port(), kPatient); },
        "hello\n");
}

TEST_CASE("client counts the lines of its input from 1 and names the lost one") {
    DatagramSocket server;
    Program client(client_command(kStep, server.port(), {"--timeout", "2000"}));
    client.write_input("one\ntwo\nthree\n");
    for (int i = 1; i <= 2; ++i) {
        const Datagram datagram = server.receive("a line");
        server.send_to(datagram.sender, datagram.bytes);
    }
    client.expect_error("no answer to line 3 in 2000 ms\n", "lines count from 1, answered or not");
    client.expect_output("one\ntwo\n", "what was answered");
}

TEST_CASE("client says once that nothing listens at the server's port") {
    const std::string port = free_udp_port();
    Program client(client_command(kStep, port, {"--timeout", "50"}));
    client.write_input("one\ntwo\n");
    client.end_input();
    client.expect_exit(0, "the end of input ends the client");
    client.expect_error(port + ": nothing listens there", "ECONNREFUSED tells it");
    const std::string errors = client.errors();
    const std::string text = "nothing listens there";
    if (errors.find(text) != errors.rfind(text)) fail("it is said once", errors, "say it once");
}

TEST_CASE("client asks a server over IPv6") {
    if (!has_ipv6()) return;
    const Server server(kStep, {"--host", "::1"});
    Program client(client_command(kStep, server.port(), {"--host", "::1", "--timeout", "60000"}));
    client.write_input("hello\n");
    client.expect_output("hello\n", "getaddrinfo tells the family");
}

TEST_CASE("client asks a server by name") {
    const Server first(kStep, {"--host", addresses_of("localhost").front()});
    Program by_name(
        client_command(kStep, first.port(), {"--host", "localhost", "--timeout", "60000"}));
    by_name.write_input("hello\nagain\n");
    by_name.expect_output("hello\nagain\n", "--host takes a name, too");
}

TEST_CASE("a client has to be told a port: 0 is no server's") {
    expect_bad_usage(kStep, {{"client", "--port", "0"}, {"probe", "--port", "0"}});
}

TEST_CASE("programs that print to a full disk say so and exit with 1") {
    const Server server(kStep);
    expect_lost_output_told(kStep, {{"--help"},
                                    {"client", "--help"},
                                    {"server", "--port", "0"},
                                    {"probe", "--port", server.port(), "--count", "1"}});
    Program client(onto_full_disk(client_command(kStep, server.port(), kPatient)));
    client.write_input("hello\n");
    expect_full_disk_told(kStep, client);
}

TEST_SUITE_END();
