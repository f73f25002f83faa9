// Tests of `compare run`: a short run has every figure.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "tests/compare/support/program.hpp"
#include "tests/support/program.hpp"

using namespace lab::test;

namespace {

// `script`, in Python, prints `output` of the file `name`, and ends with status 0.
void expect_python(const std::string& script, const std::string& name, const std::string& output) {
    Program python({"python3", "-c", script, name});
    python.expect_output(output, "the file is whole");
    python.expect_exit(0, "the file is whole");
}

// The columns that `text`, UTF-8, takes in a terminal.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
        ++count;
    return count;
}

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
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(width_of(line) <= 100, line);

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
        "print(all(0 <= row['server_cpu_seconds'] < 2 for row in rows))\n"
        "print(*[row[key] for key in ('participants', 'messages') for row in rows])\n"
        "print(*[row.get('said_while_one_was_away', '-') for row in rows])\n"
        "print(*[(row['delay_ms_all_write'] or {}).get('count') for row in rows])\n"
        "idle = [row['idle_client'] for row in rows]\n"
        "print(*[row['period_seconds'] for row in idle])\n"
        "print(*[row['watched_period_seconds'] for row in idle])\n"
        "print(*[row['signs_counted'] > 0 for row in idle])\n"
        "print(all(row['watched_seconds'] >= 2.5 for row in idle))\n",
        json,
        "18 24 24 24 24 24 24\n"
        "60 60 0 0 0 0 -\n"
        "1536 1920 1920 1920 1920 1920 3072\n"
        "0 0 0 0 0 0 0\n"
        "True\n"
        "0 6 4 4.8 2400 600 0\n"
        "0 30 32\n"
        "0 0 6 4 4 5 5 5 5 0\n"
        "- 4 4 4 4 4 -\n"
        "True\n"
        "True\n"
        "4 4 4 4 4 4 4 6 6 6 6 6 6 6\n"
        "60 60 60 60 60 60 -\n"
        "12 16 16 16 16 16 None\n"
        "0 20 15 25 0.05 0.2 0\n"
        "0 1 1 1 0.05 0.2 0\n"
        "False True True True True True False\n"
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

TEST_CASE("compare measures clients that ask again before an answer can have arrived") {
    Program compare(short_run({"ajax-20"}, {"--delay", "30"}));
    compare.expect_exit(0, compare.output(), kRun);
    CHECK_MESSAGE(compare.output().find("no figures") == std::string::npos, compare.output());
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

TEST_CASE("compare without some of the descriptors 0 to 2 measures as it always does") {
    for (const std::vector<int>& closed : {std::vector{0}, {2}, {0, 2}, {0, 1, 2}}) {
        Program compare(without_descriptors(closed, short_run({"lines"}, {})));
        compare.expect_exit(0, "open /dev/null for each that is closed", kRun);
        const bool prints = closed.size() < 3;
        CHECK(count_of(compare.output(), "raw TCP lines (02)") == (prints ? 3 : 0));
    }
}

TEST_SUITE_END();
