// The options of 01_tcp_echo, what its server tells of its clients, and its usage.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "01_tcp_echo";

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("server listens on an IPv6 address") {
    if (!has_ipv6()) return;
    const Server server(kStep, {"--host", "::1"});
    Connection client(server);
    client.send("hello\n");
    client.expect("hello\n", "take family, type and protocol from what getaddrinfo gives");
}

TEST_CASE("server logs each client that came and left and its bytes") {
    Server server(kStep);
    {
        Connection client(server);
        client.send("hello\n");
        client.expect("hello\n", "echo");
    }
    server.expect_error("127.0.0.1:", "the client's address and port, from accept");
    server.expect_error(" left after 6 bytes\n", "count what was echoed");
}

TEST_CASE("trace shows each message on both sides with its direction and bytes") {
    Server server(kStep, {"--trace"});
    Program client(client_command(kStep, server.port(), {"--trace"}));
    client.write_input("Привіт\n");
    client.expect_output("Привіт\n", "trace goes to stderr, not to stdout");
    client.expect_error("→ 127.0.0.1:" + server.port() + "  13 bytes  \"Привіт\\n\"\n", "sent");
    client.expect_error("← 127.0.0.1:" + server.port() + "  13 bytes  \"Привіт\\n\"\n", "received");
    server.expect_error("← 127.0.0.1:", "what the server received");
    server.expect_error("→ 127.0.0.1:", "what the server sent");
    server.expect_error("  13 bytes  \"Привіт\\n\"\n", "the server tells the same");
}

TEST_CASE("help shows the usage line on stdout and exits with 0") {
    for (const std::string command : {"server", "client"}) {
        Program program({path_of(kStep), command, "--help"});
        program.expect_exit(0, "--help is no error");
        if (program.output().find("usage: 01_tcp_echo " + command) != 0)
            fail("usage: 01_tcp_echo " + command, program.output(), "help goes to stdout");
    }
}

TEST_CASE("bad usage exits with 2 and shows the usage line") {
    const std::vector<std::vector<std::string>> bad{
        {},
        {"serve"},
        {"server", "--port", "70000"},
        {"server", "--port", "x"},
        {"server", "--port"},
        {"server", "--prot", "1"},
        {"server", "extra"},
    };
    expect_bad_usage(kStep, bad);
}

TEST_CASE("a server that is started with SIGINT ignored leaves it so") {
    expect_ignored_interrupt_harmless(kStep);
}

TEST_SUITE_END();
