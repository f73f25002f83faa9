// The contract of the client of 02_threaded_chat.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>

#include "common/thread.hpp"
#include "tests/02_threaded_chat/support/line_chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "02_threaded_chat";

struct Conversation {
    Listener listener;
    Program client;
    Connection server;
    explicit Conversation(const std::vector<std::string>& options = {},
                          Streams streams = Streams::pipes)
        : client(client_command(kStep, listener.port(), options), streams),
          server(listener.accept()) {}
};

// Types while the test does something else, for more than the buffers on the way can hold.
lab::Thread type(Program& client, const std::string& text) {
    return lab::Thread(for_thread([&client, &text] {
        client.write_input(text);
        client.end_input();
    }));
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("client sends each line and prints what arrives") {
    Conversation talk;
    talk.client.write_input("hello\n");
    talk.server.expect("hello\n", "send each line of standard input");
    talk.server.send("Bob: hi\n");
    talk.client.expect_output("Bob: hi\n", "print what arrives on stdout, and flush it");
}

TEST_CASE("client prints what arrives although nothing is typed") {
    Conversation talk;
    talk.server.send("Bob: hi\n");
    talk.client.expect_output("Bob: hi\n", "wait for the terminal and the socket at once");
    talk.server.send("Bob: anybody?\n");
    talk.client.expect_output("Bob: hi\nBob: anybody?\n",
                              "wait for the terminal and the socket at once");
}

TEST_CASE("client leaves at the word exit") {
    Conversation talk;
    talk.client.write_input("bye\nexit\nnever sent\n");
    talk.server.expect("bye\n", "what comes before `exit` is sent");
    talk.server.expect_end("`exit` ends the stream; what follows it is not sent");
    talk.server.finish();
    talk.client.expect_exit(0, "`exit` ends the client");
}

TEST_CASE("client leaves at the end of its input") {
    Conversation talk;
    talk.client.write_input("bye\n");
    talk.client.end_input();
    talk.server.expect("bye\n", "every typed line is sent before the client leaves");
    talk.server.expect_end("the end of input ends the stream");
    talk.server.finish();
    talk.client.expect_exit(0, "the end of input ends the client");
}

TEST_CASE("two clients talk through the server") {
    const Server server(kStep);
    Program alice(client_command(kStep, server.port()));
    auto others = join(server, 2);
    alice.write_input("Привіт 👋\n");
    others[0].expect("Привіт 👋\n", "each line goes to all the others");
    others[1].send("Добрий день\n");
    // When Alice joined is not known to us: she may have heard the others come.
    while (alice.read_line("print what arrives") != "Добрий день") {
    }
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("client leaves only after all that it was given is sent") {
    Conversation talk;
    std::string all;
    for (int i = 0; all.size() < 8 << 20; ++i)
        all += "line " + std::to_string(i) + " " + std::string(1000, '.') + "\n";
    all += std::string(12 << 20, '.') + "\n";  // more than one send takes
    const lab::Thread typist = type(talk.client, all);
    const std::string hint = "keep what send did not take, and end the stream after the last byte";
    talk.server.expect(all, hint);
    talk.server.expect_end(hint);
    talk.server.finish();
    talk.client.expect_exit(0, hint);
}

TEST_CASE("client prints what arrives although the server takes nothing") {
    Conversation talk;
    // The pipe and the socket fill up; who waits in send cannot read.
    const std::string line = std::string(999, '.') + "\n";
    const std::string all = std::string(12 << 20, '.') + "\n";
    const lab::Thread typist = type(talk.client, all);
    // Once the first bytes are here the client has read the whole line, and begun to send it.
    if (!talk.server.wait_for_bytes(kDeadline))
        fail("the line of 12 MB begins to arrive", all_the_time("nothing"), "send what is typed");
    std::string expected;
    for (int i = 0; i < 5000; ++i) {
        talk.server.send(line);
        expected += line;
    }
    talk.client.expect_output(expected, "wait for both directions at once, also while sending");
    talk.server.expect(all, "nothing is lost meanwhile");
}

TEST_CASE("client prints what arrives after its own last word") {
    Conversation talk;
    talk.client.end_input();
    talk.server.expect_end("the end of input ends our half of the stream only");
    talk.server.send("Bob: wait!\n");
    talk.server.finish();
    talk.client.expect_exit(0, "the server has ended its half too");
    talk.client.expect_output("Bob: wait!\n", "shutdown(SHUT_WR), then read until the end");
}

TEST_CASE("client sends a last line that has no line end") {
    Conversation talk;
    talk.client.write_input("no line end");
    talk.client.end_input();
    talk.server.expect("no line end\n", "the last line counts, and lines end in LF");
}

TEST_CASE("client says that the server is gone and exits with 1") {
    Conversation talk;
    talk.server.finish();
    talk.client.expect_exit(1, "the end of the stream, unasked for, is an error, exit 1");
    talk.client.expect_error(talk.listener.port(), "one line on stderr says what happened");
}

TEST_CASE("client says that the connection broke while it sends and exits with 1") {
    Conversation talk;
    std::string lines;
    while (lines.size() < 32 << 20) lines += line_of(1000);
    // Nobody reads what it sends: when it takes no more input, it waits for room to send on.
    if (talk.client.try_write_input(lines, std::chrono::milliseconds(300))) {
        fail("the client stops reading its input", "it read 32 MB that nobody has taken",
             "bound what waits to be sent: take no input meanwhile");
    }
    talk.client.pause();
    talk.server.finish();
    talk.server.reset();
    talk.client.send_signal(SIGCONT);
    talk.client.expect_exit(1, "ignore SIGPIPE: then send fails with EPIPE: an error, exit 1");
    talk.client.expect_error("02_threaded_chat: ", "one line on stderr says what happened");
}

TEST_CASE("client leaves although the server does not end the conversation") {
    Conversation talk;
    talk.client.end_input();
    talk.server.expect_end("the end of input ends the stream");
    talk.client.expect_exit(0, "do not wait for the server's end of the stream for ever");
}

TEST_CASE("client says that nobody listens and exits with 1") {
    Program client(client_command(kStep, free_port()));
    client.expect_exit(1, "connect fails with ECONNREFUSED: that is an error, exit 1");
    client.expect_error("Connection refused", "say why");
}

TEST_CASE("client without a standard input says nothing and does not hear itself") {
    Listener listener;
    Program client(without_descriptors({0}, client_command(kStep, listener.port())));
    Connection server = listener.accept();
    server.send("Bob: hi\n");
    server.expect_end("a socket with the number 0 is no standard input");
    server.finish();
    client.expect_exit(0, "a closed input has ended");
    client.expect_output("Bob: hi\n", "what comes is printed");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("programs without some of the descriptors 0 to 2 do what they always do") {
    expect_closed_descriptors_harmless(
        kStep, [](const Server& server) { return client_command(kStep, server.port()); }, "");
}

TEST_CASE("client puts its name before each line") {
    Conversation talk({"--name", "Ада"});
    talk.client.write_input("Привіт\nяк справи?\n");
    talk.server.expect("Ада: Привіт\nАда: як справи?\n", "`name: ` before each line");
}

TEST_CASE("client refuses a name with a line end in it") {
    Program client({path_of(kStep), "client", "--port", "1", "--name", "Ада\nBob"});
    client.expect_exit(2, "such a name would let its owner speak for others: bad usage, exit 2");
    client.expect_error("usage: 02_threaded_chat client", "show how it is used");
}

TEST_CASE("client on a terminal makes control characters visible that others send") {
    Conversation talk({}, Streams::terminal);
    talk.server.send("\x1b[2J\x07 gone?\n");
    talk.client.expect_output("\\x1b[2J\\x07 gone?\r\n",
                              "a stranger's escape sequences must not reach the terminal");
    talk.server.send(
        "Bob: \x9b"
        "2J \u202Ehi\nדוד: \xd0");
    talk.server.send("\x96\n");
    talk.client.expect_output(
        "\\x1b[2J\\x07 gone?\r\nBob: \\x9b2J \\xe2\\x80\\xaehi\r\n\u2068דוד\u2069: Ж\r\n",
        "C1 as one byte too, what turns the line; a name is isolated, a character may be cut");
}

TEST_CASE("client says a line that only begins with the word exit") {
    Conversation talk;
    talk.client.write_input(std::string("exit\0 or not\n", 13));
    talk.server.expect(std::string("exit\0 or not\n", 13), "strcasecmp stops at a NUL");
}

TEST_CASE("client prints what arrives unchanged where a program reads") {
    Conversation talk;
    talk.server.send("\x1b[1m \xff\x07\n");
    talk.client.expect_output("\x1b[1m \xff\x07\n",
                              "isatty(STDOUT_FILENO) tells: only a terminal "
                              "has to be protected");
}

TEST_CASE("client leaves at the word exit in capitals too") {
    Conversation talk;
    talk.client.write_input("EXIT\n");
    talk.server.expect_end("`exit` however it is written");
    talk.server.finish();
    talk.client.expect_exit(0, "`exit` ends the client");
}

TEST_CASE("trace shows what the client sends and receives") {
    Conversation talk({"--trace"});
    talk.client.write_input("hello\n");
    talk.server.expect("hello\n", "send each line of standard input");
    talk.server.send("Bob: hi\n");
    const std::string peer = "127.0.0.1:" + talk.listener.port();
    talk.client.expect_error("→ " + peer + "  6 bytes  \"hello\\n\"\n", "sent");
    talk.client.expect_error("← " + peer + "  8 bytes  \"Bob: hi\\n\"\n", "received");
}

TEST_CASE("a client has to be told a port: 0 is no server's") {
    expect_bad_usage(kStep, {{"client", "--port", "0"}});
}

TEST_CASE("programs that print to a full disk say so and exit with 1") {
    expect_lost_output_told(kStep, {{"--help"}, {"client", "--help"}, {"server", "--port", "0"}});
    Listener listener;
    Program client(onto_full_disk(client_command(kStep, listener.port())));
    Connection server = listener.accept();
    server.send("hi\n");
    expect_full_disk_told(kStep, client);
}

TEST_CASE("client leaves at once when nobody reads what it prints") {
    Listener listener;
    Program client(into_head(client_command(kStep, listener.port())));
    Connection server = listener.accept();
    server.send("hi\n");
    expect_end_without_reader(client, "hi\n");
}

TEST_SUITE_END();
