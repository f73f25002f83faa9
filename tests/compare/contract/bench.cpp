// Tests of `compare bench`: load on one step, and what became of it.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <list>
#include <string>
#include <vector>

#include "compare/measure/server_process.hpp"
#include "tests/compare/support/program.hpp"
#include "tests/support/program.hpp"
#include "tests/support/redis.hpp"

using namespace lab::test;

namespace {

// The number behind `words` in `output`.
double number_after(const std::string& output, const std::string& words) {
    const std::size_t at = output.find(words);
    CHECK_MESSAGE(at != std::string::npos, words, output);
    return at == std::string::npos ? 0 : std::stod(output.substr(at + words.size()));
}

// What bench tells of one run agrees with itself. The run has taken `longest` at most.
void expect_figures(const std::string& output, std::chrono::duration<double> longest) {
    const double half = number_after(output, "half within ");
    const double most_of_all = number_after(output, "99 % within ");
    const double most = number_after(output, "ms, most ");
    CHECK_MESSAGE((half > 0 && half < most_of_all && most_of_all <= most), output);
    const double heard = number_after(output, "heard ");
    const double part = number_after(output, "  server    ") / 100;
    const double milliseconds = number_after(output, "of a processor, ");
    const double seconds =
        heard / number_after(output, "heard     " + std::to_string(std::lround(heard)) + ", ");
    // It is the load's second, or more if the last message was heard later.
    CHECK_MESSAGE((seconds > 0.9 && seconds < longest.count()), output);
    // Both are rounded to three figures.
    const double difference = milliseconds * heard / 1000 - part * seconds * 1000;
    CHECK_MESSAGE(std::abs(difference) <= 0.02 * part * seconds * 1000 + 0.1, output);
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("compare bench loads each step and tells what became of it") {
    const auto begin = std::chrono::steady_clock::now();
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
        expect_figures(output, std::chrono::steady_clock::now() - begin);
        CHECK_MESSAGE(output.find("lost      0\n") != std::string::npos, output);
        CHECK_MESSAGE(output.find(" ms, 99 % within ") != std::string::npos, output);
    }
}

TEST_CASE("compare bench starts a program of one's own without options of ours") {
    const ScratchDirectory bin;
    write_program(bin, "02_threaded_chat",
                  "import os, sys\n"
                  "if sys.argv[1:] != ['server', '--port', '0']: sys.exit(2)\n"
                  "ours = '" +
                      compare::default_bin() +
                      "/02_threaded_chat'\n"
                      "os.execv(ours, [ours] + sys.argv[1:])\n");
    Program bench(compare_command(
        {"bench", "02", "--clients", "3", "--seconds", "1", "--rate", "10", "--bin", bin.path()}));
    bench.expect_exit(0, "the contract's basic level has only --host and --port", kRun);
    CHECK(bench.output().find("heard     20, ") != std::string::npos);
}

TEST_CASE("compare bench puts load on a server whose room is at a broker") {
    Program alone(compare_command({"bench", "06", "--broker", "redis://127.0.0.1:1/x"}));
    alone.expect_exit(1, "the server does not start without its broker", kRun);
    alone.expect_error("refused", "the server says why");
    if (!Redis::is_there()) return;
    const Redis redis;
    for (const std::string step : {"05", "06", "07"}) {
        Program bench(compare_command({"bench", step, "--clients", "4", "--seconds", "1", "--rate",
                                       "50", "--broker", redis.room("bench" + step)}));
        bench.expect_exit(0, bench.output(), kRun);
        CHECK(bench.output().find("heard     200, ") != std::string::npos);
        CHECK(bench.output().find("lost      0\n") != std::string::npos);
    }
}

TEST_CASE("compare bench tells overload from loss, and whose fault it is") {
    Program bench(
        compare_command({"bench", "02", "--clients", "2", "--seconds", "1", "--rate", "10000000"}));
    bench.expect_exit(0, bench.output(), kRun);
    const std::string output = bench.output();
    CHECK_MESSAGE(output.find("  said      only ") != std::string::npos, output);
    CHECK_MESSAGE(output.find(" of 10 000 000: this program was too slow") != std::string::npos,
                  output);
    CHECK_MESSAGE(output.find("this program was late, not the server") != std::string::npos,
                  output);
    CHECK_MESSAGE(output.find("lost      0\n") != std::string::npos, output);
}

TEST_CASE("compare bench says what is lost, in its status too") {
    // A server of datagrams that answers but every second one.
    const ScratchDirectory bin;
    write_program(bin, "03_udp",
                  "import socket\n"
                  "server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "server.bind(('127.0.0.1', 0))\n"
                  "print('listening on 127.0.0.1:%d' % server.getsockname()[1], flush=True)\n"
                  "while True:\n"
                  "    for answers in (True, False):\n"
                  "        text, peer = server.recvfrom(65536)\n"
                  "        if answers: server.sendto(text, peer)\n");
    Program bench(compare_command(
        {"bench", "03", "--clients", "1", "--seconds", "1", "--rate", "10", "--bin", bin.path()}));
    bench.expect_exit(1, bench.output(), kRun);
    const std::string output = bench.output();
    CHECK_MESSAGE(output.find("heard     5, ") != std::string::npos, output);
    CHECK_MESSAGE(output.find("lost      5\n") != std::string::npos, output);
    CHECK_MESSAGE(output.find("not yet") == std::string::npos, output);
}

TEST_CASE("compare bench lets everybody speak where each hears itself alone") {
    // An echo that keeps a letter for each port that it hears from.
    const ScratchDirectory bin;
    std::string script = "spoken = open('";
    script += bin.file("spoken");
    script +=
        "', 'a')\n"
        "import socket\n"
        "server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "server.bind(('127.0.0.1', 0))\n"
        "print('listening on 127.0.0.1:%d' % server.getsockname()[1], flush=True)\n"
        "known = set()\n"
        "while True:\n"
        "    text, peer = server.recvfrom(65536)\n"
        "    if peer not in known: print('x', end='', file=spoken, flush=True)\n"
        "    known.add(peer)\n"
        "    server.sendto(text, peer)\n";
    write_program(bin, "03_udp", script);
    Program bench(compare_command(
        {"bench", "03", "--clients", "3", "--seconds", "1", "--rate", "9", "--bin", bin.path()}));
    bench.expect_exit(0, bench.output(), kRun);
    CHECK(content_of(bin.file("spoken")) == "xxx");
}

TEST_CASE("compare without Python prints its figures as JSON, and says what is missing") {
    Program bench({"env", "PATH=/nowhere", path_of("compare"), "bench", "01", "--seconds", "1",
                   "--rate", "10"});
    bench.expect_exit(1, "nobody could read the tables", kRun);
    bench.expect_error("python3, which shows the figures: No such file or directory", "it says so");
    CHECK(bench.output().find(R"("all_heard":true,)") != std::string::npos);
}

TEST_SUITE_END();
