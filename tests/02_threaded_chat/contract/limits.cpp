// The contract of the server of 02_threaded_chat: its limits and options.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/02_threaded_chat/support/line_chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"
#include "tests/support/variant.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "02_threaded_chat";

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("a line of the greatest length passes and a longer one is refused and never passed on") {
    const Server server(kStep, {"--max-line", "1000"});
    auto clients = join(server, 3);
    clients[0].send(line_of(1001));
    clients[1].expect(line_of(1001), "the line end does not count");

    clients[0].send("before\n" + line_of(1002, 'y') + "after\n");
    clients[1].expect("before\n", "the lines before the long one are good");
    const std::string error = clients[0].receive_line("say why, in one line");
    if (error.find("1000") == std::string::npos)
        fail("a line that tells the limit", error, "say why, in one line");
    clients[0].expect_end("then close: the rest of the stream makes no sense");
    clients[2].send("next\n");
    clients[1].expect("next\n", "none of the long line reaches the others");
}

TEST_CASE("without --max-line a line of the greatest length passes and a longer one is refused") {
    const std::string hint =
        with_variant("a line may have as many bytes as the lesson says", "LAB_MAX_LINE");
    const Server server(kStep);
    auto clients = join(server, 2);
    clients[0].send(line_of(greatest_line() + 1));
    clients[1].expect(line_of(greatest_line() + 1), hint);
    clients[0].send(line_of(greatest_line() + 2));
    const std::string error = clients[0].receive_line("say why, in one line: " + hint);
    if (error.find(std::to_string(greatest_line())) == std::string::npos)
        fail("a line that tells the limit", error, hint);
    clients[0].expect_end("then close");
}

TEST_CASE("a line that never ends is refused before it has all arrived") {
    const Server server(kStep);
    auto clients = join(server, 2);
    clients[0].send(std::string(greatest_line() + 1, 'x'));
    clients[0].receive_line("count while the line arrives: it may never end");
    clients[0].expect_end("then close");
}

TEST_CASE("a client that is refused gets to read why although it goes on sending") {
    const Server server(kStep, {"--max-line", "1000"});
    auto clients = join(server, 3);
    const std::string hint =
        "close with unread bytes sends a reset, which destroys what was sent last: shut down the "
        "sending side, read the rest, then close";
    // More is there than a server reads at once: it finds a line that is too long before it has
    // read all.
    server.pause();
    clients[0].send_until_full(std::string(1'000'000, 'x'), 0ms);
    server.send_signal(SIGCONT);
    clients[0].receive_line(hint);
    clients[0].send("and more");
    clients[0].expect_end(hint);
    clients[0].expect_no_reset(hint);
    clients[2].send("next\n");
    clients[1].expect("next\n", "none of the long line reaches the others");
}

TEST_CASE("a client that is refused does not keep its place by sending on and on") {
    const Server server(kStep, {"--max-line", "1000"});
    Connection endless(server);
    const std::string bytes(60'000, 'x');
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (endless.try_send(bytes) > 0 || endless.can_send(1000ms)) {
        if (std::chrono::steady_clock::now() > deadline) {
            fail("the connection is closed", all_the_time("the server has read on"),
                 "a program that discards input needs one deadline for all of it");
        }
    }
}

TEST_CASE("five clients that never read are cut off and memory stays bounded past 75 MB") {
    Server server(kStep);
    auto clients = join(server, 2);
    std::vector<Connection> never_read;
    for (int i = 0; i < 5; ++i) never_read.emplace_back(server);
    const std::string line = line_of(60'000);
    for (int i = 0; i < 1250; ++i) {
        clients[0].send(line);
        clients[1].expect(line, "clients that read notice nothing");
    }
    for (Connection& client : never_read)
        client.receive_to_end("more than --queue waits for it: end the connection");
    expect_little_memory(
        server, "bound the queue of each client; share one copy of a line among all its receivers");
}

TEST_CASE("a flood of tiny lines takes no more memory than one of long lines") {
    Server server(kStep);
    auto clients = join(server, 2);
    const Connection never_reads(server, 4096);
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += "\n";
    for (int i = 0; i < 300; ++i) {
        clients[0].send(lines);
        clients[1].expect(lines, "clients that read notice nothing");
    }
    expect_little_memory(server, "count what a queued line costs beside its bytes");
}

TEST_CASE("one client too many is told why and the place of a client that leaves is free again") {
    const Server server(kStep, {"--max-clients", "2"});
    auto clients = join(server, 2);
    Connection third(server);
    third.receive_line("tell a refused client why, in one line");
    third.expect_end("then close");

    clients[1].finish();
    clients[1].expect_end("a client that has ended its stream is gone");
    // It takes a moment until the server has let go of the client: until then we are refused.
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    for (;;) {
        Connection next(server);
        next.try_send("in\n");
        if (clients[0].wait_for_bytes(100ms)) break;
        if (std::chrono::steady_clock::now() > deadline) {
            fail("a free place for the next client", "it is refused",
                 "count the clients that are there, not all that ever came");
        }
    }
    clients[0].expect("in\n", "the next client has a place");
}

TEST_CASE("raw framing passes on what recv returned") {
    const Server server(kStep, {"--framing", "raw"});
    auto clients = join(server, 2);
    clients[0].send("no line end");
    clients[1].expect("no line end", "with --framing raw nothing waits for a line end");
}

TEST_CASE("the course notes' chat client talks through raw framing") {
    const Server server(kStep, {"--framing", "raw"});
    const auto command = course_notes_command("chat_client.py", server.port());
    if (command[0].empty()) return skip("Python", "python3");
    Connection other(server);
    Program client(command);
    client.write_input("Привіт\n");
    other.expect("Привіт", "the notes' client sends no line end");
    other.send("hello");
    client.expect_output("\nhello\n", "all bytes that recv returned go to all the others");
}

TEST_CASE("a line does not wait until the one before it is acknowledged") {
    const Server server(kStep);
    auto clients = join(server, 2);
    const std::string hint = "each line goes to all the others";
    int stalls = 0;
    for (int i = 0; i < 40; ++i) {
        // A peer that answers at once is expected to do so again: the system sends its
        // acknowledgement with the answer, and puts it off for 40 ms when there is none.
        clients[0].send("how are you?\n");
        clients[1].expect("how are you?\n", hint);
        clients[1].send("fine\n");
        clients[0].expect("fine\n", hint);
        clients[0].send("tick\n");
        clients[1].expect("tick\n", hint);
        const auto begin = std::chrono::steady_clock::now();
        clients[0].send("tock\n");
        clients[1].expect("tock\n", hint);
        if (std::chrono::steady_clock::now() - begin > 30ms) ++stalls;
    }
    if (stalls > 10) {
        fail("a line takes less than 30 ms", std::to_string(stalls) + " of 40 took longer",
             "Nagle's algorithm and delayed acknowledgements wait for each other: TCP_NODELAY");
    }
}

TEST_CASE("trace shows each line that comes and goes") {
    Server server(kStep, {"--trace"});
    auto clients = join(server, 2);
    clients[0].send("Привіт\n");
    clients[1].expect("Привіт\n", "each line goes to all the others");
    server.expect_error("  13 bytes  \"Привіт\\n\"\n", "trace goes to stderr");
    for (const std::string arrow : {"← ", "→ "})
        server.expect_error(arrow + "127.0.0.1:", "an arrow, and the client's address");
}

TEST_CASE("bad usage exits with 2 and shows the usage line") {
    expect_bad_usage(kStep,
                     {{"server", "--max-line", "0"},
                      {"server", "--queue", "-1"},
                      {"server", "--max-clients", "many"},
                      {"server", "--framing", "words"}},
                     "usage: 02_threaded_chat server");
}

TEST_SUITE_END();
