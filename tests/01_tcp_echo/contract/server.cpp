// The contract of the server of 01_tcp_echo, spoken over the network and the command line.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "01_tcp_echo";

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server says where it listens") {
    const Server server(kStep);
    expect_bytes("127.0.0.1", server.host(), "without --host, only this machine");
    const Connection client(server);
}

TEST_CASE("server echoes a line") {
    const Server server(kStep);
    Connection client(server);
    client.send("hello\n");
    const std::string hint = "send back what recv returned, all of it and nothing else";
    client.expect("hello\n", hint);
    if (client.wait_for_bytes(std::chrono::milliseconds(50)))
        expect_bytes("hello\n", "hello\n" + client.try_receive(), hint);
}

TEST_CASE("server echoes line after line until the client leaves") {
    const Server server(kStep);
    Connection client(server);
    for (const std::string line : {"one\n", "two\n", "three\n"}) {
        client.send(line);
        client.expect(line, "call recv again after each echo, until it returns 0");
    }
}

TEST_CASE("server echoes bytes that no line end follows") {
    const Server server(kStep);
    Connection client(server);
    client.send("no line end");
    client.expect("no line end", "TCP knows no lines: send back at once what recv has returned");
}

TEST_CASE("server echoes whatever the bytes are: zero bytes and half characters too") {
    const Server server(kStep);
    Connection client(server);
    std::string bytes = "Привіт 👋\n\xd0";
    for (int code = 0; code < 256; ++code) bytes += static_cast<char>(code);
    client.send(bytes);
    client.expect(bytes, "TCP carries bytes: do not decode them, nor end them at a zero byte");
}

TEST_CASE("server goes on after a client has left") {
    const Server server(kStep);
    for (int i = 0; i < 3; ++i) {
        Connection client(server);
        client.send("hello\n");
        client.expect("hello\n", "after recv has returned 0, close and accept the next client");
    }
}

TEST_CASE("server lets the second client wait until the first has left and then serves it") {
    const Server server(kStep);
    Connection first(server);
    Connection second(server);
    second.send("second\n");
    for (int i = 0; i < 100; ++i) {
        first.send("first\n");
        first.expect("first\n", "a client that waits must not disturb the one that is served");
    }
    if (!second.is_silent()) {
        fail("the second client waits", "it was served beside the first",
             "this step is about one client at a time: threads come in 02");
    }
    first.finish();
    second.expect("second\n", "a client that waited in the kernel's queue is served next");
}

TEST_CASE("server echoes 4 MiB while the client sends and receives at once") {
    const Server server(kStep);
    Connection client(server);
    const std::string bytes = text_of(4 << 20);
    std::string echo = client.send_and_receive(bytes);
    echo += client.receive(bytes.size() - echo.size(), "no byte may be lost");
    expect_bytes(bytes, echo,
                 "recv returns a part of the stream: echo as many bytes as it returned");
}

TEST_CASE("the course notes' client talks to the server") {
    const Server server(kStep);
    const auto command = course_notes_command("echo_client.py", server.port());
    if (command[0].empty()) return skip("Python", "python3");
    Program client(command);
    client.write_input("Привіт\nexit\n");
    client.expect_exit(0,
                       "the server has to echo what it gets, although no line end comes with it");
    if (client.output().find("Сервер відповів: Привіт\n") == std::string::npos)
        fail("Сервер відповів: Привіт", client.output(), "the echo is what was sent");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("server echoes the rest after the client half-closes") {
    const Server server(kStep);
    Connection client(server);
    const std::string bytes = text_of(300'000);
    std::string echo = client.send_and_receive(bytes);
    client.finish();
    const std::string hint = "recv returns 0 only after all that the client sent was read";
    echo += client.receive(bytes.size() - echo.size(), hint);
    expect_bytes(bytes, echo, hint);
    client.expect_end("close the connection when all is echoed");
}

TEST_CASE("server waits for a client that reads late and loses nothing") {
    const Server server(kStep);
    Connection client(server);
    const std::string bytes = text_of(64 << 20);
    const std::size_t sent = client.send_until_full(bytes, std::chrono::milliseconds(200));
    if (sent == bytes.size()) {
        fail("the server stops reading while its echo is not read", "it read all 64 MiB",
             "keep one buffer and send it before the next recv: then TCP slows the sender down");
    }
    const std::string hint = "send may take only a part: send the rest again";
    expect_bytes(bytes.substr(0, sent), client.receive(sent, hint), hint);
}

TEST_CASE("server survives a client that resets the connection") {
    const Server server(kStep);
    Connection rude(server);
    rude.send("hello\n");
    rude.expect("hello\n", "echo");
    rude.reset();
    Connection next(server);
    next.send("still there?\n");
    next.expect("still there?\n", "an error of recv ends that connection, not the server");
}

TEST_CASE("server survives a client that vanishes while it is sent to") {
    const Server server(kStep);
    {
        Connection rude(server, 4096);
        rude.send_until_full(text_of(16 << 20), std::chrono::milliseconds(100));
        rude.reset();
    }
    Connection next(server);
    next.send("still there?\n");
    next.expect("still there?\n", "ignore SIGPIPE; an error of send ends that connection only");
}

TEST_CASE("server survives a client that has gone before its echo is sent") {
    const Server server(kStep);
    Connection first(server);
    first.send("hello\n");
    first.expect("hello\n", "echo");
    {
        // While the first is served, this one waits in the queue, speaks, ends and resets: its
        // bytes are still there to be received, and to send to it is EPIPE.
        Connection rude(server);
        rude.send("hello\n");
        rude.finish();
        rude.reset();
    }
    first.finish();
    Connection next(server);
    next.send("still there?\n");
    next.expect("still there?\n", "ignore SIGPIPE: by default it ends the program");
}

TEST_CASE("server survives clients that connect and say nothing") {
    const Server server(kStep);
    for (int i = 0; i < 20; ++i) {
        Connection silent(server);
        if (i % 2) silent.reset();
    }
    Connection next(server);
    next.send("still there?\n");
    next.expect("still there?\n", "recv returns 0, or fails: accept the next client");
}

TEST_CASE("server closes its connection to each client that has left") {
    const std::string few = "ulimit -n 64; exec \"$0\" \"$@\"";
    std::vector<std::string> command{"sh", "-c", few};
    for (const std::string& word : server_command(kStep)) command.push_back(word);
    const Server server(command);
    // Twice as many clients as the server may have descriptors.
    for (int i = 0; i < 128; ++i) {
        Connection client(server);
        client.send("hello\n");
        client.expect("hello\n",
                      "the server may open 64 descriptors here: close that of each client that has "
                      "left, also when recv or send has failed");
        if (i % 2) client.reset();
    }
}

TEST_CASE("server takes no processor time while nobody says anything") {
    const Server server(kStep);
    Connection silent(server);
    silent.send("hello\n");
    silent.expect("hello\n", "echo");
    expect_idle(
        server, silent, std::chrono::milliseconds(1000),
        "let recv and accept wait: a loop that asks again and again keeps a processor busy");
}

TEST_CASE("server bound to one address is not reachable at another") {
    // With --port 0 the kernel may choose a port that another test's server has at ::1.
    const Server server(kStep, {"--host", "127.0.0.1", "--port", free_port()});
    const Connection client(server);
    for (const std::string other : {"127.0.0.2", "::1"}) {
        if (is_reachable(other, server.port())) {
            fail("nobody listens at " + other, "somebody does",
                 "give bind the address that --host says, not INADDR_ANY or an empty host");
        }
    }
}

TEST_CASE("SIGTERM ends the server while it waits for a silent client's bytes") {
    Server server(kStep);
    Connection client(server);
    client.send("hello\n");
    client.expect("hello\n", "echo");
    server.expect_clean_end();
    client.expect_end("the client is told: FIN, not a reset");
}

TEST_CASE("SIGTERM ends the server while it waits for a client") {
    Server server(kStep);
    server.expect_clean_end();
}

TEST_CASE("SIGTERM ends the server while a client does not read its echo") {
    Server server(kStep);
    Connection client(server, 4096);
    client.send_until_full(text_of(16 << 20), std::chrono::milliseconds(100));
    server.expect_clean_end();
}

TEST_CASE("SIGTERM ends the server at whatever moment it comes") {
    for (int i = 0; i < 20; ++i) {
        Server server(kStep);
        Connection client(server);
        client.send(text_of(static_cast<std::size_t>(i) * 10'000));
        server.expect_clean_end();
    }
}

TEST_CASE("SIGINT ends the server as SIGTERM does") {
    Server server(kStep);
    server.send_signal(SIGINT);
    server.expect_exit(0, "Ctrl-C sends SIGINT: handle both", std::chrono::milliseconds(1000));
}

TEST_CASE("server starts again at once on the port that it has just used") {
    std::string port;
    {
        Server server(kStep);
        port = server.port();
        Connection client(server);
        client.send("hello\n");
        client.expect("hello\n", "echo");
        server.expect_clean_end();
        client.expect_end("FIN");
    }
    const Server again({path_of(kStep), "server", "--port", port});
    Connection client(again);
    client.send("hello\n");
    client.expect("hello\n", "SO_REUSEADDR, before bind, lets connections in TIME_WAIT be");
}

TEST_CASE("server says that its port is taken and exits with 1") {
    expect_port_taken(kStep);
}

TEST_SUITE_END();
