// Tests of the program compare: a short run has every figure, and what is wrong has none.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <list>
#include <sstream>
#include <string>
#include <vector>

#include "compare/measurement.hpp"
#include "compare/svg.hpp"
#include "compare/table.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/scratch_directory.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> compare_command(const std::vector<std::string>& words) {
    std::vector<std::string> command{path_of("compare")};
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

// A run of little load over `transports`, and `words` more.
std::vector<std::string> short_run(const std::vector<std::string>& transports,
                                   const std::vector<std::string>& words) {
    std::vector<std::string> all{"run", "--clients", "3", "--messages", "6", "--rate", "60"};
    for (const std::string& transport : transports) {
        all.emplace_back("--transport");
        all.push_back(transport);
    }
    all.insert(all.end(), words.begin(), words.end());
    return compare_command(all);
}

// What `script`, in Python, prints of the file `name`; it has to end with status 0.
void expect_python(const std::string& script, const std::string& name, const std::string& output) {
    Program python({"python3", "-c", script, name});
    python.expect_output(output, "the file is whole");
    python.expect_exit(0, "the file is whole");
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
        ++count;
    return count;
}

// The number behind `words` in `output`.
double number_after(const std::string& output, const std::string& words) {
    const std::size_t at = output.find(words);
    CHECK_MESSAGE(at != std::string::npos, words, output);
    return at == std::string::npos ? 0 : std::stod(output.substr(at + words.size()));
}

// What bench tells of one run agrees with itself.
void expect_figures(const std::string& output) {
    const double half = number_after(output, "half within ");
    const double most_of_all = number_after(output, "99 % within ");
    const double most = number_after(output, "ms, most ");
    CHECK_MESSAGE((half > 0 && half < most_of_all && most_of_all <= most), output);
    const double heard = number_after(output, "heard ");
    const double part = number_after(output, "  server    ") / 100;
    const double milliseconds = number_after(output, "of a processor, ");
    const double seconds =
        heard / number_after(output, "heard     " + compare::plain_number(heard) + ", ");
    CHECK_MESSAGE((seconds > 0.9 && seconds < 3), output);
    // Both are rounded to three figures.
    const double difference = milliseconds * heard / 1000 - part * seconds * 1000;
    CHECK_MESSAGE(std::abs(difference) <= 0.02 * part * seconds * 1000 + 0.1, output);
}

constexpr auto kRun = 40s;

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("compare measures every transport, and its JSON and SVG are whole") {
    const ScratchDirectory scratch;
    const std::string json = scratch.file("c.json");
    const std::string svg = scratch.file("c.svg");
    Program compare(
        short_run({"lines", "websocket", "sse", "longpoll", "ajax-50", "ajax-200", "udp"},
                  {"--json", json, "--svg", svg}));
    compare.expect_exit(0, compare.output(), kRun);
    const std::string output = compare.output();
    for (const std::string title :
         {"raw TCP lines (02)", "WebSocket (05)", "SSE (06)", "long polling (07)",
          "AJAX every 50 ms (07)", "AJAX every 200 ms (07)", "UDP echo to itself (03)"})
        CHECK_MESSAGE(count_of(output, title) == 3, title);
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);)
        CHECK_MESSAGE(compare::width_of(line) <= 100, line);

    // Everyone hears each of the six messages: four who take part, or the three others.
    expect_python(
        "import json, sys\n"
        "rows = json.load(open(sys.argv[1]))['rows']\n"
        "print(*[row['delay_ms']['count'] for row in rows])\n"
        "print(*[row.get('lost_by_it', '-') for row in rows])\n"
        "print(*[row['bytes_sent']['text'] + row['bytes_received']['text'] for row in rows])\n"
        "print(*[row['connections_made_while_it_wrote'] for row in rows])\n"
        "print(all(0 < row['delay_ms']['p50'] <= row['delay_ms']['p99'] <= row['delay_ms']['max']"
        " for row in rows))\n"
        "print(*[round(row['idle_client']['messages_a_minute'], 2) for row in rows])\n"
        "print(*[round(row['idle_client']['bytes_a_minute'], 2) for row in rows[:3]])\n"
        "print(*[row['requests'] for row in rows[:3]], *[row['connections'] for row in rows])\n"
        "print(*[row['join_ms']['count'] if row['join_ms'] else '-' for row in rows])\n"
        "print(all(row['said_late_ms_max'] > 0 for row in rows))\n"
        "print(all(0 <= row['server_cpu_seconds'] < 2 for row in rows))\n",
        json,
        "18 24 24 24 24 24 24\n"
        "60 60 0 0 0 0 -\n"
        "1536 1920 1920 1920 1920 1920 3072\n"
        "0 0 0 0 0 0 0\n"
        "True\n"
        "0 6 4 4.8 2400 600 0\n"
        "0 24 32\n"
        "0 0 6 4 4 5 5 5 5 0\n"
        "- 4 4 4 4 4 -\n"
        "True\n"
        "True\n");
    // A thread of 02 has a stack; nobody takes a quarter of a megabyte.
    if (!kSanitized) {
        expect_python(
            "import json, sys\n"
            "rows = json.load(open(sys.argv[1]))['rows'][:6]\n"
            "print(all(0.05 < row.get('server_kib_a_client', 1) < 60 for row in rows))\n",
            json, "True\n");
    }
    CHECK(output.find("The path takes") == std::string::npos);
    expect_python(
        "import sys, xml.etree.ElementTree as tree\n"
        "svg = tree.parse(sys.argv[1]).getroot()\n"
        "texts = [t.text for t in svg.iter('{http://www.w3.org/2000/svg}text')]\n"
        "print(svg.tag, texts.count('SSE'), texts.count('AJAX every 200 ms'))\n",
        svg, "{http://www.w3.org/2000/svg}svg 2 2\n");
}

TEST_CASE("compare's path takes the time that it says, also for joining") {
    const ScratchDirectory scratch;
    const std::string json = scratch.file("c.json");
    Program compare(
        short_run({"websocket", "longpoll", "udp"}, {"--brief", "--delay", "30", "--json", json}));
    compare.expect_exit(0, compare.output(), kRun);
    CHECK(compare.output().find("60 ms there and back") != std::string::npos);
    expect_python(
        "import json, sys\n"
        "rows = json.load(open(sys.argv[1]))['rows']\n"
        "print(*[row['delay_ms']['p50'] >= 60 for row in rows])\n"
        "print(*[row['join_ms']['p50'] >= 120 for row in rows if row['join_ms']])\n"
        "print([row['delay_ms_all_write'] for row in rows], any('lost_by_it' in row for row in "
        "rows))\n",
        json, "True True True\nTrue True\n[None, None, None] False\n");
}

TEST_CASE("compare measures those who ask again before an answer over the path can be there") {
    Program compare(short_run({"ajax-20"}, {"--delay", "30"}));
    compare.expect_exit(0, compare.output(), kRun);
    CHECK_MESSAGE(compare.output().find("no figures") == std::string::npos, compare.output());
}

TEST_CASE("compare gives no figures where something is wrong") {
    // Servers that are no such servers: a program that listens and ends each connection.
    const ScratchDirectory bin;
    std::ofstream(bin.file("06_sse"))
        << "#!/usr/bin/env python3\n"
           "import socket\n"
           "listener = socket.create_server(('127.0.0.1', 0))\n"
           "print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)\n"
           "while True: listener.accept()[0].close()\n";
    std::filesystem::permissions(bin.file("06_sse"), std::filesystem::perms::owner_all);
    Program compare(short_run({"sse"}, {"--brief", "--bin", bin.path()}));
    compare.expect_exit(1, "a run with errors says so in its status too", kRun);
    CHECK(compare.output().find("SSE (06)           no figures") == std::string::npos);
    CHECK(compare.output().find("no figures: see below") != std::string::npos);
    CHECK(compare.output().find("\nSSE (06): ") != std::string::npos);
}

TEST_CASE("compare gives no figures where nobody gets a sign of life") {
    const ScratchDirectory bin;
    std::ofstream(bin.file("06_sse"))
        << "#!/usr/bin/env python3\n"
           "import socket, threading\n"
           "listener = socket.create_server(('127.0.0.1', 0))\n"
           "print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)\n"
           "def answer(client):\n"
           "    if client.recv(65536): client.send(b'HTTP/1.1 200 OK\\r\\n\\r\\n')\n"
           "clients = []\n"
           "while True:\n"
           "    client = listener.accept()[0]\n"
           "    clients.append(client)\n"
           "    threading.Thread(target=answer, args=[client], daemon=True).start()\n";
    std::filesystem::permissions(bin.file("06_sse"), std::filesystem::perms::owner_all);
    compare::Parameters parameters;
    parameters.clients = 2;
    parameters.bin = bin.path();
    std::vector<compare::Row> rows{{.transport = compare::find_transport("sse")}};
    measure_idleness(parameters, rows);
    CHECK(rows[0].fault == "while nobody spoke: not everybody got a sign of life");
    CHECK_FALSE(rows[0].idle.has_value());
}

TEST_CASE("compare measures all transports if none is named, briefly but the slowest") {
    Program compare(
        compare_command({"run", "--brief", "--clients", "2", "--messages", "2", "--rate", "50"}));
    compare.expect_exit(0, compare.output(), kRun);
    const std::string output = compare.output();
    for (const std::string title :
         {"raw TCP lines (02)", "WebSocket (05)", "SSE (06)", "long polling (07)",
          "AJAX every 100 ms (07)", "AJAX every 1 s (07)", "UDP echo to itself (03)"})
        CHECK_MESSAGE(count_of(output, title) == 1, title);
    CHECK_MESSAGE(output.find("AJAX every 5 s") == std::string::npos, "it would take too long");
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

TEST_CASE("compare bench loads each step and tells what became of it") {
    std::list<Program> benches;
    for (const std::string step : {"01", "02_threaded_chat", "03", "04", "05", "06", "07"}) {
        std::vector<std::string> words{"bench", step, "--seconds", "1", "--rate", "50"};
        if (step != "01" && step != "04") words.insert(words.end(), {"--clients", "4"});
        benches.emplace_back(compare_command(words));
    }
    // 50 in all, heard by the other three, by all four, or by who said it alone.
    std::list<std::string> lines{
        "1 client, ",     "heard     50, ",  "4 clients, ",    "heard     150, ", "4 clients, ",
        "heard     50, ", "50 clients, ",    "heard     50, ", "4 clients, ",     "heard     200, ",
        "4 clients, ",    "heard     200, ", "4 clients, ",    "heard     200, "};
    for (Program& bench : benches) {
        bench.expect_exit(0, bench.output(), kRun);
        const std::string output = bench.output();
        for (int i = 0; i < 2; ++i) {
            CHECK_MESSAGE(output.find(lines.front()) != std::string::npos, lines.front(), output);
            lines.pop_front();
        }
        expect_figures(output);
        CHECK_MESSAGE(output.find("lost      0\n") != std::string::npos, output);
        CHECK_MESSAGE(output.find(" ms, 99 % within ") != std::string::npos, output);
    }
}

TEST_CASE("compare bench tells overload from loss, and whose fault it is") {
    Program bench(
        compare_command({"bench", "02", "--clients", "2", "--seconds", "1", "--rate", "1000000"}));
    bench.expect_exit(0, bench.output(), kRun);
    const std::string output = bench.output();
    CHECK_MESSAGE(output.find("  said      only ") != std::string::npos, output);
    CHECK_MESSAGE(output.find(" of 1 000 000: this program was too slow") != std::string::npos,
                  output);
    CHECK_MESSAGE(output.find("this program was late, not the server") != std::string::npos,
                  output);
    CHECK_MESSAGE(output.find("lost      0\n") != std::string::npos, output);
}

TEST_CASE("compare bench says what is lost, in its status too") {
    // A server of datagrams that answers but every second one.
    const ScratchDirectory bin;
    std::ofstream(bin.file("03_udp"))
        << "#!/usr/bin/env python3\n"
           "import socket\n"
           "server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
           "server.bind(('127.0.0.1', 0))\n"
           "print('listening on 127.0.0.1:%d' % server.getsockname()[1], flush=True)\n"
           "while True:\n"
           "    for answers in (True, False):\n"
           "        text, peer = server.recvfrom(65536)\n"
           "        if answers: server.sendto(text, peer)\n";
    std::filesystem::permissions(bin.file("03_udp"), std::filesystem::perms::owner_all);
    Program bench(compare_command(
        {"bench", "03", "--clients", "1", "--seconds", "1", "--rate", "10", "--bin", bin.path()}));
    bench.expect_exit(1, bench.output(), kRun);
    const std::string output = bench.output();
    CHECK_MESSAGE(output.find("heard     5, ") != std::string::npos, output);
    CHECK_MESSAGE(output.find("lost      5\n") != std::string::npos, output);
    CHECK_MESSAGE(output.find("not yet") == std::string::npos, output);
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
                                 {"relay"},
                                 {"relay", "--to", "nowhere"},
                                 {"relay", "--to", ":80"},
                                 {"relay", "--to", "127.0.0.1:"},
                                 {"run", "--delay", "1001"},
                                 {"run", "--size", "7"},
                                 {"run", "--messages", "0"},
                                 {"run", "--rate", "0"},
                                 {"bench", "05", "--size", "7"},
                                 {"bench", "05", "--seconds", "0"},
                                 {"relay", "--to", "127.0.0.1:1", "--cut", "2"}});
}

TEST_SUITE_END();
