// Tests of `compare run --servers`: one room on several servers, with a broker between.
#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/compare/support/program.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/redis.hpp"

using namespace lab::test;

namespace {

std::vector<std::string> shared_run(const std::vector<std::string>& words) {
    std::vector<std::string> all{"run", "--clients", "3",   "--messages",
                                 "10",  "--rate",    "100", "--servers"};
    all.insert(all.end(), words.begin(), words.end());
    return compare_command(all);
}

void expect_json(const std::string& script, const std::string& name, const std::string& output) {
    Program python({"python3", "-c",
                    "import json, sys\nchat = json.load(open(sys.argv[1]))\n" + script, name});
    python.expect_output(output, "the file is whole");
    python.expect_exit(0, "the file is whole");
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("compare --servers measures one room on several servers against one server alone") {
    if (!Redis::is_there()) return;
    const ScratchDirectory scratch;
    const std::string json = scratch.file("c.json");
    Program compare(shared_run({"1,2", "--writers", "2", "--json", json}));
    compare.expect_exit(0, compare.output(), kRun);
    for (const std::string name : {"WebSocket (05): 1 alone ", "SSE (06): 1, broker ",
                                   "long polling (07): 2, broker ", "2 writers say 10 messages"})
        CHECK_MESSAGE(compare.output().find(name) != std::string::npos, compare.output());
    // All five hear each of the ten messages, whichever server they are at.
    expect_json(
        "rows = chat['rows']\n"
        "print(*[row['transport'] for row in rows[::3]], chat['writers'])\n"
        "print(*[(row['servers'], row['broker']) for row in rows[:3]])\n"
        "print({row['delay_ms']['count'] for row in rows})\n"
        "print(all(row['deliveries_a_second'] > 5 for row in rows))\n"
        "print(all(row['servers_cpu_seconds'] >= 0 for row in rows))\n"
        "print(*['broker_cpu_seconds' in row for row in rows[:3]])\n",
        json,
        "websocket sse longpoll 2\n"
        "(1, False) (1, True) (2, True)\n"
        "{50}\n"
        "True\n"
        "True\n"
        "False True True\n");
}

TEST_CASE("a broker sends a message once to each server, and not to each reader") {
    if (!Redis::is_there()) return;
    const ScratchDirectory scratch;
    const std::string json = scratch.file("c.json");
    for (const std::string readers : {"1", "20"}) {
        Program compare(
            shared_run({"1,3", "--transport", "sse", "--clients", readers, "--json", json}));
        compare.expect_exit(0, compare.output(), kRun);
        // An event has 64 bytes, and fewer than 100 around them.
        expect_json(
            "for row in chat['rows'][1:]:\n"
            "    sent = row['broker_bytes_sent'] / 10 / row['servers']\n"
            "    print(row['servers'], 64 < sent < 164, row['broker_bytes_received'] > 640)\n",
            json, "1 True True\n3 True True\n");
    }
}

TEST_CASE("compare --servers gives no figures where something is wrong") {
    if (!Redis::is_there()) return;
    const ScratchDirectory bin;
    write_program(bin, "06_sse",
                  "import os, sys\n"
                  "if '--broker' in sys.argv: sys.exit('06_sse: what broker?')\n"
                  "os.execv('" +
                      path_of("06_sse") + "', sys.argv)\n");
    Program compare(shared_run({"1", "--transport", "sse", "--bin", bin.path()}));
    compare.expect_exit(1, "a run with errors says so in its status too", kRun);
    const std::string output = compare.output();
    CHECK_MESSAGE(output.find("SSE (06): 1, broker  no figures: see below\n") != std::string::npos,
                  output);
    CHECK_MESSAGE(output.find("\nSSE (06): 1, broker: ") != std::string::npos, output);
    CHECK_MESSAGE(output.find("does not listen: 06_sse: what broker?\n") != std::string::npos,
                  output);
    CHECK_MESSAGE(output.find("SSE (06): 1 alone   no figures") == std::string::npos, output);
}

TEST_CASE("compare --servers that is ended by a signal ends its broker too") {
    if (!Redis::is_there()) return;
    const ScratchDirectory bin;
    // pyenv, through which python3 may come, puts a folder of its own before this one.
    write_program(bin, "redis-server",
                  "import os, sys\n"
                  "folder = os.path.dirname(sys.argv[0])\n"
                  "with open(folder + '/process', 'w') as file: file.write(str(os.getpid()))\n"
                  "os.environ['PATH'] = os.environ['PATH'].replace(folder + ':', '')\n"
                  "for name in ('redis-server', 'valkey-server'):\n"
                  "    try: os.execvp(name, sys.argv)\n"
                  "    except FileNotFoundError: pass\n");
    std::vector<std::string> command{"env",
                                     "PATH=" + bin.path().string() + ":" + std::getenv("PATH")};
    for (const std::string& word : shared_run({"1", "--messages", "10000"}))
        command.push_back(word);
    Program compare(command);
    compare.expect_error("one server alone …\n", "it tells what it does");
    pid_t process = 0;
    std::ifstream(bin.file("process")) >> process;
    REQUIRE(process > 0);
    compare.send_signal(SIGTERM);
    compare.expect_end_by(SIGTERM, "it ends as others do");
    CHECK_MESSAGE((kill(process, 0) == -1 && errno == ESRCH), "its broker runs on");
}

TEST_CASE("compare --servers without a broker on this machine names the package") {
    std::vector<std::string> command{"env", "PATH=/nowhere"};
    for (const std::string& word : shared_run({"1"})) command.push_back(word);
    Program compare(command);
    compare.expect_exit(1, "before anything is measured");
    CHECK(compare.errors() ==
          "compare: a broker is missing here: redis-server or valkey-server (Debian: "
          "redis-server)\n");
}

TEST_CASE("compare --servers refuses what it cannot measure") {
    expect_bad_usage("compare", {{"run", "--servers", "0"},
                                 {"run", "--servers", "17"},
                                 {"run", "--servers", "1,two"},
                                 {"run", "--servers", "1,,2"},
                                 {"run", "--servers", "1", "--brief"},
                                 {"run", "--servers", "1", "--delay", "5"},
                                 {"run", "--servers", "1", "--svg", "x"},
                                 {"run", "--servers", "1", "--transport", "lines"},
                                 {"run", "--writers", "2"}});
}

TEST_SUITE_END();
