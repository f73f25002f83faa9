// The contract of the client of 01_tcp_echo.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::string_literals;

namespace {

const std::string kStep = "01_tcp_echo";

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("client prints the echo of each line") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port()));
    client.write_input("hello\nПривіт 👋\n");
    client.expect_output("hello\nПривіт 👋\n",
                         "one line in, its echo out, and nothing else; flush stdout after each, "
                         "since a pipe keeps what is not flushed");
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
    client.write_input("hello\n");
    client.end_input();
    client.expect_exit(0, "the end of standard input ends the client");
    client.expect_output("hello\n", "a line that was sent is answered before the client leaves");
}

TEST_CASE("the client talks to the course notes' server") {
    const std::string port = free_port();
    const auto command = course_notes_command("echo_server.py", port);
    if (command[0].empty()) return skip("Python", "python3");
    Program server(command);
    server.read_line("the notes' server says that it listens");
    Program client(client_command(kStep, port));
    client.write_input("hello\nПривіт 👋\nexit\n");
    client.expect_exit(0, "any echo server will do");
    client.expect_output("hello\nПривіт 👋\n", "one line in, its echo out");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("client sends each line with its line end") {
    Listener server;
    Program client(client_command(kStep, server.port()));
    Connection connection = server.accept();
    client.write_input("hello\n");
    connection.expect("hello\n", "send the line as it was read: its line end is one of its bytes");
    connection.send("hello\n");
    client.expect_output("hello\n", "its echo out, and nothing else");
}

TEST_CASE("client reads a line of 400 KB back from a server that sends it in small pieces") {
    Listener server;
    Program client(client_command(kStep, server.port()));
    Connection connection = server.accept();
    const std::string line = text_of(400'000) + "\n";
    client.write_input(line);
    const std::string hint = "one send may take a part of a long line: send the rest";
    expect_bytes(line, connection.receive(line.size(), hint), hint);
    for (std::size_t at = 0; at < line.size(); at += 1000)
        connection.send(std::string_view(line).substr(at, 1000));
    client.expect_output(line, "one recv may return a part: receive until all of it is back");
}

TEST_CASE("client sends a long line and receives its echo at the same time") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port()));
    const std::string line = text_of(32 << 20) + "\n";
    client.write_input(line);
    client.expect_output(
        line, "a client that sends all before it reads waits for ever, once the buffers are full");
}

TEST_CASE("client says that the server is gone and exits with 1") {
    Listener server;
    Program client(client_command(kStep, server.port()));
    server.accept().finish();
    client.write_input("hello\n");
    client.expect_exit(1, "recv returned 0 while an echo was due: the server is gone");
    client.expect_error(server.port(), "one line on stderr says what happened to which server");
}

TEST_CASE("client says that the connection broke while it sends and exits with 1") {
    Listener server;
    Program client(client_command(kStep, server.port()));
    {
        Connection connection = server.accept();
        connection.finish();
        connection.reset();
    }
    client.write_input("hello\n");
    client.expect_exit(1, "ignore SIGPIPE: then send fails with EPIPE, which is an error, exit 1");
    client.expect_error("\n", "one line on stderr says what happened");
}

TEST_CASE("client sends a last line that has no line end as it is") {
    Listener server;
    Program client(client_command(kStep, server.port()));
    Connection connection = server.accept();
    client.write_input("no line end");
    client.end_input();
    connection.expect("no line end", "the last line of a file counts, although no LF ends it");
    if (connection.wait_for_bytes(std::chrono::milliseconds(50)))
        fail("nothing more", "a byte more", "send what was read, and no line end of your own");
    connection.send("no line end");
    client.expect_exit(0, "the end of standard input ends the client");
    client.expect_output("no line end", "its echo out, and nothing else");
}

TEST_CASE("client keeps the word exit to itself however it is written") {
    for (const std::string word : {"exit", "EXIT", "Exit"}) {
        Listener server;
        Program client(client_command(kStep, server.port()));
        Connection connection = server.accept();
        client.write_input(word + "\n");
        connection.expect_end("`exit`, in capitals too, ends the client and is not sent");
        client.expect_exit(0, "`exit` ends the client");
    }
}

TEST_CASE("client prints whatever the bytes are") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port()));
    client.write_input("zero \0 half \xd0 byte\n"s);
    client.expect_output("zero \0 half \xd0 byte\n"s,
                         "TCP carries bytes: do not decode them, nor end them at a zero byte");
}

TEST_CASE("client says that nobody listens and exits with 1") {
    Program client(client_command(kStep, free_port()));
    client.expect_exit(1, "connect fails with ECONNREFUSED: that is an error, exit 1");
    client.expect_error("Connection refused", "say why: std::strerror, std::system_error");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("programs without some of the descriptors 0 to 2 do what they always do") {
    expect_closed_descriptors_harmless(
        kStep, [](const Server& server) { return client_command(kStep, server.port()); },
        "hello\n");
}

TEST_CASE("client finds the server by name at whichever of its addresses it listens") {
    // Where localhost is ::1 too, the client has to try one address after the other.
    const Server server(kStep, {"--host", addresses_of("localhost").back()});
    Program client(client_command(kStep, server.port(), {"--host", "localhost"}));
    client.write_input("hello\n");
    client.expect_output("hello\n", "getaddrinfo gives a list: try each address in turn");
}

TEST_CASE("client prompts on a terminal only") {
    const Server server(kStep);
    Program on_terminal(client_command(kStep, server.port()), Streams::terminal);
    on_terminal.expect_output("> ", "isatty tells whether somebody sits there");
    on_terminal.write_input("exit\n");
    on_terminal.expect_exit(0, "`exit` ends the client, so that the next one is served");
    Program in_pipe(client_command(kStep, server.port()));
    in_pipe.write_input("hello\n");
    in_pipe.expect_output("hello\n", "no prompt where a program reads");
}

TEST_CASE("a client has to be told a port: 0 is no server's") {
    expect_bad_usage(kStep, {{"client", "--port", "0"}});
}

TEST_CASE("programs that print to a full disk say so and exit with 1") {
    expect_lost_output_told(kStep, {{"--help"}, {"client", "--help"}, {"server", "--port", "0"}});
    const Server server(kStep);
    Program client(onto_full_disk(client_command(kStep, server.port())));
    client.write_input("hello\n");
    expect_full_disk_told(kStep, client);
}

TEST_CASE("client whose reader is gone leaves with its next line") {
    const Server server(kStep);
    Program client(into_head(client_command(kStep, server.port())));
    client.write_input("one\n");
    client.expect_output("one\n", "an echo");
    // Between two lines it waits for the keyboard alone: an iterative server has to wait too.
    while (!client.ends_within(std::chrono::milliseconds(50)) && client.try_write_input("two\n")) {
    }
    client.expect_error("status 1\n", "EPIPE: nobody reads the echo");
}

TEST_SUITE_END();
