// The contract of the client of 03_udp on a terminal.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "03_udp";

// A client that gets its answer does not give up before, however busy the machine is.
const std::vector<std::string> kPatient{"--timeout", "60000"};

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("client shows control characters on a terminal as text") {
    const Server server(kStep);
    Program client(client_command(kStep, server.port(), kPatient), Streams::terminal);
    client.expect_output("> ", "a prompt");
    client.write_input("\x1b[2J\n");
    // The terminal shows what is typed, an escape as ^[; then comes what the client prints.
    client.expect_output("> ^[[2J\r\n\\x1b[2J\r\n> ",
                         "what comes from the network must not clear the screen");
}

TEST_CASE("client prompts on a terminal only") {
    const Server server(kStep);
    Program on_terminal(client_command(kStep, server.port(), kPatient), Streams::terminal);
    on_terminal.expect_output("> ", "isatty tells whether somebody sits there");
    on_terminal.write_input("exit\n");
    on_terminal.expect_exit(0, "`exit` ends the client");
    Program in_pipe(client_command(kStep, server.port(), kPatient));
    in_pipe.write_input("hello\n");
    in_pipe.expect_output("hello\n", "no prompt where a program reads");
}

TEST_SUITE_END();
