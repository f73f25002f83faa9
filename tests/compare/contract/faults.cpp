// Tests of `compare run`: what is wrong has no figures, and is told.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "compare/measure/measurement.hpp"
#include "tests/compare/support/program.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"

using namespace lab::test;

TEST_SUITE_BEGIN("full");

TEST_CASE("compare gives no figures where something is wrong") {
    // Servers that are no such servers: a program that listens and ends each connection.
    const ScratchDirectory bin;
    write_program(bin, "06_sse",
                  "import socket\n"
                  "listener = socket.create_server(('127.0.0.1', 0))\n"
                  "print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)\n"
                  "while True: listener.accept()[0].close()\n");
    Program compare(short_run({"sse"}, {"--brief", "--bin", bin.path()}));
    compare.expect_exit(1, "a run with errors says so in its status too", kRun);
    CHECK(compare.output().find("SSE (06)           no figures") == std::string::npos);
    CHECK(compare.output().find("no figures: see below") != std::string::npos);
    CHECK(compare.output().find("\nSSE (06): ") != std::string::npos);
}

TEST_CASE("compare gives no figures where nobody gets a sign of life") {
    const ScratchDirectory bin;
    write_program(bin, "06_sse",
                  "import socket, threading\n"
                  "listener = socket.create_server(('127.0.0.1', 0))\n"
                  "print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)\n"
                  "def answer(client):\n"
                  "    if client.recv(65536): client.send(b'HTTP/1.1 200 OK\\r\\n\\r\\n')\n"
                  "clients = []\n"
                  "while True:\n"
                  "    client = listener.accept()[0]\n"
                  "    clients.append(client)\n"
                  "    threading.Thread(target=answer, args=[client], daemon=True).start()\n");
    compare::Parameters parameters;
    parameters.clients = 2;
    parameters.bin = bin.path();
    std::vector<compare::Row> rows{{.transport = compare::find_transport("sse")}};
    measure_idleness(parameters, rows);
    CHECK(rows[0].fault == "while nobody spoke: not everybody got a sign of life");
    CHECK(rows[0].idle.text() == "{}");
}

TEST_CASE("compare tries its files before it measures") {
    for (const std::string option : {"--json", "--svg"}) {
        Program compare(short_run({"sse"}, {option, "/nowhere/at all"}));
        compare.expect_exit(1, "it cannot be written");
        CHECK(compare.errors().find("/nowhere/at all: cannot be written") != std::string::npos);
        CHECK(compare.errors().find("the chat over") == std::string::npos);
    }
}

TEST_CASE("compare without the programs says which one is missing") {
    const ScratchDirectory empty;
    Program compare(short_run({"sse"}, {"--brief", "--bin", empty.path()}));
    compare.expect_exit(1, "there is no program");
    CHECK(compare.errors().find("06_sse: No such file") != std::string::npos);
}

TEST_CASE("compare refuses what it does not know") {
    expect_bad_usage("compare", {{},
                                 {"run", "--clients", "0"},
                                 {"run", "--transport", "pigeons"},
                                 {"run", "--transport", "ajax-0"},
                                 {"run", "extra"},
                                 {"bench"},
                                 {"bench", "08"},
                                 {"bench", "01", "--clients", "2"},
                                 {"run", "--delay", "1001"},
                                 {"run", "--size", "7"},
                                 {"run", "--messages", "0"},
                                 {"run", "--rate", "0"},
                                 {"bench", "05", "--size", "7"},
                                 {"bench", "05", "--seconds", "0"}});
    expect_bad_usage("relay", {{},
                               {"--to", "nowhere"},
                               {"--to", ":80"},
                               {"--to", "127.0.0.1:"},
                               {"--to", "127.0.0.1:1", "--cut", "2"}});
}

TEST_CASE("compare that prints to a full disk says so and exits with 1") {
    expect_lost_output_told("compare", {{"--help"}, {"run", "--help"}, {"bench", "--help"}});
    expect_lost_output_told("relay", {{"--help"}, {"--to", "127.0.0.1:1"}});
    Program compare(onto_full_disk(short_run({"longpoll"}, {"--brief"})));
    compare.expect_exit(1, "tables that nobody can read are no success", kRun);
    compare.expect_error("compare: standard output: ", "say so");
}

TEST_SUITE_END();
