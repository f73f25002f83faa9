// The contract of the probe of 03_udp.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <string>
#include <vector>

#include "tests/03_udp/support/datagram.hpp"
#include "tests/03_udp/support/probe.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "03_udp";
constexpr std::size_t kSession = 4;

// The output of the probe, its percentages without decimals: "33.3333% lost" becomes "33% lost".
std::string printed_by(const Program& probe) {
    static const std::regex decimals(R"(([0-9]+)\.[0-9]+% lost)");
    return std::regex_replace(probe.output(), decimals, "$1% lost");
}

void expect_printed(const Program& probe, const std::string& text, const std::string& hint,
                    Place place = Place::here()) {
    if (printed_by(probe).find(text) == std::string::npos) fail(text, probe.output(), hint, place);
}

// Runs the probe through a bad network until `lines` datagrams have come back, and returns its
// counts.
std::string counts_of(const std::vector<std::string>& faults, int lines,
                      Place place = Place::here()) {
    const Server server(kStep, faults, place);
    Program probe(patient_probe_command(server.port(), {"--count", "20"}), Streams::pipes, place);
    end_after_lines(probe, lines, place);
    const std::string output = printed_by(probe);
    const std::size_t begin = output.find("20 sent");
    return output.substr(std::min(begin, output.size()), output.find("\nrtt") - begin);
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("probe tells each answer and sums up like ping") {
    const Server server(kStep);
    Program probe(probe_command(
        server.port(), {"--count", "3", "--interval", "1", "--size", "100", "--timeout", "3000"}));
    probe.expect_exit(0, "all answers came, and --timeout after the last datagram it ends");
    for (const std::string number : {"1", "2", "3"}) {
        expect_printed(probe,
                       "100 bytes from 127.0.0.1:" + server.port() + ": seq=" + number + " time=",
                       "a line for each answer, numbered from 1");
    }
    expect_printed(probe,
                   "--- 127.0.0.1:" + server.port() +
                       " probe statistics ---\n3 sent, 3 received, 0% lost, 0 duplicated, "
                       "0 reordered\nrtt min/avg/max/mdev = ",
                   "then the result of all");
}

TEST_CASE("probe numbers its datagrams in network byte order after four bytes of its own") {
    DatagramSocket server;
    Program probe(
        probe_command(server.port(), {"--count", "3", "--interval", "0", "--timeout", "50"}));
    std::vector<std::string> sent;
    for (int i = 0; i < 3; ++i) sent.push_back(server.receive("a datagram").bytes);
    for (std::size_t i = 0; i < 3; ++i) {
        if (sent[i].size() != 64) fail("64 bytes", std::to_string(sent[i].size()), "--size");
        expect_bytes(sent[0].substr(0, kSession), sent[i].substr(0, kSession),
                     "the same 4 random bytes in all datagrams of a run");
        expect_bytes(std::string(3, '\0') + static_cast<char>(i + 1), sent[i].substr(kSession, 4),
                     "then the number, the highest byte first");
    }
    Program other(probe_command(server.port(), {"--count", "1", "--timeout", "50"}));
    if (server.receive("a datagram").bytes.substr(0, kSession) == sent[0].substr(0, kSession))
        fail("other random bytes in another run", "the same", "std::random_device");
}

TEST_CASE("probe sends on schedule although no answer comes") {
    DatagramSocket server;
    Program probe(patient_probe_command(server.port(), {"--count", "5", "--interval", "20"}));
    const std::string hint = "the next datagram, although none was answered";
    const auto first = server.receive(hint).arrival;
    auto last = first;
    for (int i = 1; i < 5; ++i) last = server.receive(hint).arrival;
    const auto passed = last - first;
    if (took_longer(passed, 2000ms)) {
        fail("5 datagrams in about 80 ms", std::to_string(passed / 1ms) + " ms",
             "do not wait for an answer before the next one is sent");
    }
}

TEST_CASE("probe counts lost datagrams") {
    expect_bytes("20 sent, 20 received, 0% lost, 0 duplicated, 0 reordered",
                 counts_of({"--delay", "100"}, 20), "none was lost");
    DatagramSocket server;
    Program probe(patient_probe_command(server.port(), {"--count", "8"}));
    for (int i = 1; i <= 8; ++i) {
        const Datagram datagram = server.receive("8 datagrams");
        if (i % 4 == 0) server.send_to(datagram.sender, datagram.bytes);
    }
    end_after_lines(probe, 2);
    expect_printed(probe, "8 sent, 2 received, 75% lost, 0 duplicated, 0 reordered",
                   "a datagram that did not come back in time is lost");
}

TEST_CASE("probe counts duplicates apart from received datagrams") {
    expect_bytes("20 sent, 20 received, 0% lost, 20 duplicated, 0 reordered",
                 counts_of({"--duplicate", "1"}, 40), "a second copy is no second answer");
}

TEST_CASE("probe counts reordered datagrams as RFC 4737 defines them") {
    DatagramSocket server;
    Program probe(patient_probe_command(server.port(), {"--count", "20"}));
    // The order of --reorder 1, which our own server would give up for a datagram that comes late.
    for (int i = 0; i < 10; ++i) {
        const Datagram odd = server.receive("20 datagrams");
        const Datagram even = server.receive("20 datagrams");
        server.send_to(even.sender, even.bytes);
        server.send_to(odd.sender, odd.bytes);
    }
    end_after_lines(probe, 20);
    expect_printed(probe, "20 sent, 20 received, 0% lost, 0 duplicated, 10 reordered",
                   "in 2 1 4 3, only 1 and 3 are late");
}

TEST_CASE("probe marks duplicates and reordered datagrams in each line") {
    DatagramSocket server;
    Program probe(patient_probe_command(server.port(), {"--count", "3"}));
    std::vector<Datagram> sent;
    for (int i = 0; i < 3; ++i) sent.push_back(server.receive("3 datagrams"));
    for (const std::size_t i : {2u, 0u, 0u, 2u}) server.send_to(sent[i].sender, sent[i].bytes);
    end_after_lines(probe, 4);
    expect_printed(probe, " ms (reordered)\n", "1 came after 3");
    expect_printed(probe, " ms (duplicate)\n", "1 came twice");
    expect_printed(probe, "3 sent, 2 received, 33% lost, 2 duplicated, 1 reordered",
                   "a duplicate is not reordered: only first copies count");
}

TEST_CASE("probe ignores datagrams that it has not sent") {
    DatagramSocket server;
    DatagramSocket stranger;
    Program probe(patient_probe_command(server.port(), {"--count", "2"}));
    const Datagram sent = server.receive("a datagram");
    const Datagram last = server.receive("the next one");
    std::string future = sent.bytes;
    future[kSession + 3] = 9;
    std::string foreign = sent.bytes;
    foreign[0] = static_cast<char>(foreign[0] + 1);
    std::string never = sent.bytes;
    never[kSession + 3] = 0;
    std::string damaged = sent.bytes;
    damaged.back() = '?';
    for (const std::string& bytes : {future, foreign, never, damaged, sent.bytes.substr(0, 7),
                                     sent.bytes + "x", std::string()})
        server.send_to(sent.sender, bytes);
    stranger.send_to(sent.sender, sent.bytes);
    // The true answer comes last: with its line, the probe has passed over all of those.
    server.send_to(last.sender, last.bytes);
    end_after_lines(probe, 1);
    const std::string hint =
        "an answer has our session's bytes, a number that was sent, and its size";
    if (probe.output().find("seq=1 ") != std::string::npos)
        fail("only seq=2", probe.output(), hint);
    expect_printed(probe, ": seq=2 time=", hint);
    expect_printed(probe, "2 sent, 1 received, 50% lost, 0 duplicated, 0 reordered", hint);
}

TEST_CASE("probe exits with 1 and prints no round trip if nothing answers") {
    Program probe(
        probe_command(free_udp_port(), {"--count", "3", "--interval", "1", "--timeout", "100"}));
    probe.expect_exit(1, "no answer is exit 1, as with ping");
    expect_printed(probe, "3 sent, 0 received, 100% lost, 0 duplicated, 0 reordered\n", "counts");
    if (probe.output().find("rtt") != std::string::npos)
        fail("no line about round trips", probe.output(), "there was none");
}

TEST_CASE("probe sums up when SIGINT ends it") {
    const Server server(kStep);
    Program probe(probe_command(server.port(), {"--count", "1000", "--interval", "30000"}));
    end_after_lines(probe, 1);
    expect_printed(probe, "1 sent, 1 received, 0% lost", "then the summary, as ping does");
}

TEST_CASE("probe sends datagrams of the size that was asked for") {
    const Server server(kStep);
    for (const std::string size : {"8", "1472", "65507"}) {
        Program probe(patient_probe_command(server.port(), {"--count", "2", "--size", size}));
        end_after_lines(probe, 2);
        expect_printed(probe, size + " bytes from 127.0.0.1:" + server.port() + ": seq=2 time=",
                       "--size counts the header too: it takes 8 bytes, the rest is padding");
    }
}

TEST_SUITE_END();
