// The contract of the bad network in the server of 03_udp.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/03_udp/support/datagram.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

const std::string kStep = "03_udp";

// Longer than the server may hold a datagram back (200 ms).
constexpr auto kSilence = 300ms;

// Sends "1" to `count`, and returns what comes back, in order. At least `expected` echoes come; 0
// says that the case does not know how many.
std::vector<std::string> echoes_of(int count, const std::vector<std::string>& options,
                                   std::size_t expected) {
    const Server server(kStep, options);
    DatagramSocket client(server);
    // The server finds all of them at once: none waits 200 ms for the next because we were slow.
    server.pause();
    for (int i = 1; i <= count; ++i) client.send(std::to_string(i));
    server.send_signal(SIGCONT);
    return client.receive_all(kSilence, expected);
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
    return all;
}

// How many of `echoes` came how often.
std::map<std::ptrdiff_t, int> times(const std::vector<std::string>& echoes, int sent) {
    std::map<std::ptrdiff_t, int> counts;
    for (int i = 1; i <= sent; ++i) ++counts[std::ranges::count(echoes, std::to_string(i))];
    return counts;
}

void expect_between(int least, int most, int got, const std::string& what,
                    Place place = Place::here()) {
    if (got >= least && got <= most) return;
    fail(std::to_string(least) + " to " + std::to_string(most) + " of 100 " + what,
         std::to_string(got), "compare a random number from 0 to 1 with P, for each datagram",
         place);
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("loss 1 loses every datagram") {
    expect_bytes("", joined(echoes_of(10, {"--loss", "1"}, 0)), "P = 1 means always");
}

TEST_CASE("probabilities of 0 change nothing") {
    expect_bytes(
        "1 2 3 4 5 6 7 8 9 10",
        joined(echoes_of(10, {"--loss", "0", "--duplicate", "0", "--reorder", "0", "--delay", "1"},
                         10)),
        "P = 0 means never");
}

TEST_CASE("loss loses about the part that was asked for") {
    const auto counts = times(echoes_of(100, {"--loss", "0.3"}, 0), 100);
    expect_between(12, 50, counts.contains(0) ? counts.at(0) : 0, "lost");
    expect_between(0, 0, counts.contains(2) ? counts.at(2) : 0, "doubled");
}

TEST_CASE("duplicate 1 sends every datagram twice") {
    expect_bytes("1 1 2 2 3 3", joined(echoes_of(3, {"--duplicate", "1"}, 6)),
                 "P = 1 means always");
}

TEST_CASE("duplicate doubles about the part that was asked for and loses none") {
    const auto counts = times(echoes_of(100, {"--duplicate", "0.3"}, 0), 100);
    expect_between(12, 50, counts.contains(2) ? counts.at(2) : 0, "doubled");
    expect_between(0, 0, counts.contains(0) ? counts.at(0) : 0, "lost");
}

TEST_CASE("reorder 1 has each second datagram overtake the one before it") {
    expect_bytes("2 1 4 3 6 5", joined(echoes_of(6, {"--reorder", "1"}, 6)),
                 "hold one back until the next is sent; the one that overtakes is not held");
}

TEST_CASE("reorder moves about the part that was asked for and loses none") {
    const auto echoes = echoes_of(100, {"--reorder", "0.3"}, 100);
    int overtaken = 0;
    for (std::size_t i = 1; i < echoes.size(); ++i)
        if (std::stoi(echoes[i]) < std::stoi(echoes[i - 1])) ++overtaken;
    // One that overtakes is not held back itself: 0.3 / 1.3 of them are.
    expect_between(8, 42, overtaken, "overtaken");
    CHECK(times(echoes, 100) == std::map<std::ptrdiff_t, int>{{1, 100}});
}

TEST_CASE("the last datagram is sent within 200 ms although none overtakes it") {
    const Server server(kStep, {"--reorder", "1"});
    DatagramSocket client(server);
    const auto start = Clock::now();
    client.send("alone");
    client.expect("alone", "a datagram that is held back leaves after 200 ms at the latest");
    const auto held = Clock::now() - start;
    if (held < 150ms || took_longer(held, 1000ms)) {
        fail("about 200 ms", std::to_string(held / 1ms) + " ms",
             "wait for the next one, but not longer than 200 ms");
    }
}

TEST_CASE("a lost datagram overtakes none") {
    // Whatever is lost: what is left comes in pairs that have changed places, or in order. The last
    // echoes may come too late for us: those before them tell enough.
    for (const std::string seed : {"1", "2", "3"}) {
        const auto echoes = echoes_of(60, {"--loss", "0.4", "--reorder", "1", "--seed", seed}, 1);
        for (std::size_t i = 0; i + 1 < echoes.size(); i += 2) {
            if (std::stoi(echoes[i]) < std::stoi(echoes[i + 1])) {
                fail("pairs that have changed places", joined(echoes),
                     "a datagram that is lost cannot overtake the one that is held back");
            }
        }
    }
}

TEST_CASE("delay is kept and waits for no other datagram") {
    const Server server(kStep, {"--delay", "100"});
    DatagramSocket client(server);
    const auto start = Clock::now();
    for (int i = 1; i <= 20; ++i) client.send(std::to_string(i));
    for (int i = 1; i <= 20; ++i) client.expect(std::to_string(i), "in order, for none overtakes");
    const auto passed = Clock::now() - start;
    if (passed < 100ms || took_longer(passed, 1000ms)) {
        fail("20 echoes after 100 ms", std::to_string(passed / 1ms) + " ms",
             "they are under way at the same time: do not sleep in the loop");
    }
}

TEST_CASE("jitter lets datagrams overtake each other and loses none") {
    const auto echoes = echoes_of(50, {"--jitter", "100"}, 50);
    CHECK(times(echoes, 50) == std::map<std::ptrdiff_t, int>{{1, 50}});
    if (std::ranges::is_sorted(echoes, {}, [](const auto& text) { return std::stoi(text); }))
        fail("another order than 1 to 50", joined(echoes), "each datagram has a delay of its own");
}

TEST_CASE("the same seed gives the same fates and another seed gives others") {
    const std::vector<std::string> faults{"--loss",    "0.3", "--duplicate", "0.2",
                                          "--reorder", "0.3", "--seed"};
    const auto with_seed = [&](const std::string& seed, std::size_t expected) {
        std::vector<std::string> options = faults;
        options.push_back(seed);
        return echoes_of(100, options, expected);
    };
    const auto first = with_seed("7", 0);
    expect_bytes(joined(first), joined(with_seed("7", first.size())),
                 "seed the random numbers with --seed, and with no clock");
    // Echoes that come too late for us make no fates the same: no need to wait long for the last.
    if (with_seed("8", 1) == first)
        fail("other fates", "the same", "does --seed reach the numbers?");
}

TEST_CASE("fates do not depend on the time between datagrams") {
    Server server(kStep, {"--trace", "--reorder", "1"});
    DatagramSocket client(server);
    const std::string hint = "whether it overtakes depends on those before it, not on the clock";
    client.send("1");
    client.expect("1", "held back for 200 ms, as none came to overtake it");
    client.send("2");
    client.expect("2", "its turn to overtake has come, and there is none left to overtake");
    server.expect_error("datagram 2: sent\n", hint);
    client.send("3");
    client.expect("3", "held back again");
    server.expect_error("datagram 3: held back", hint);
}

TEST_CASE("trace tells the fate of each datagram with its number") {
    Server lossy(kStep, {"--trace", "--loss", "1"});
    DatagramSocket first(lossy);
    first.send("one");
    first.send("two");
    lossy.expect_error("datagram 1: lost\n", "count the datagrams from 1 on");
    lossy.expect_error("datagram 2: lost\n", "count the datagrams from 1 on");

    Server doubling(kStep, {"--trace", "--duplicate", "1"});
    DatagramSocket second(doubling);
    second.send("one");
    doubling.expect_error("datagram 1: sent twice\n", "say what became of it");

    Server mixing(kStep, {"--trace", "--reorder", "1"});
    DatagramSocket third(mixing);
    third.send("one");
    third.send("two");
    mixing.expect_error("datagram 1: held back, then sent\n", "say what became of it");
    mixing.expect_error("datagram 2: sent\n", "say what became of it");
}

TEST_CASE("the queue of the bad network is bounded and dropped datagrams are reported") {
    Server server(kStep, {"--trace", "--delay", "1000", "--queue", "30000"});
    DatagramSocket client(server);
    // The server finds all of them at once: none leaves the queue before the last one has come.
    server.pause();
    for (int i = 0; i < 10; ++i) client.send(text_of(8000));
    server.send_signal(SIGCONT);
    server.expect_error("datagram 10: dropped: the queue is full\n", "say what became of it");
    const std::size_t count = client.receive_all(kSilence, 2).size();
    if (count < 2 || count > 3) {
        fail("2 or 3 datagrams of 8000 bytes pass a queue of 30000", std::to_string(count),
             "a router has a bound, too: it drops datagrams that find no room");
    }
    client.send("later");
    client.expect("later", "a datagram that has left makes room for the next");
}

TEST_CASE("the bad network serves IPv6 and each client for itself") {
    if (!has_ipv6()) return;
    const Server server(kStep, {"--host", "::1", "--delay", "50", "--duplicate", "1"});
    DatagramSocket first(server);
    DatagramSocket second(server);
    first.send("first");
    second.send("second");
    for (int i = 0; i < 2; ++i) {
        first.expect("first", "keep the whole address with each waiting datagram");
        second.expect("second", "keep the whole address with each waiting datagram");
    }
}

TEST_CASE("SIGTERM ends the server while datagrams wait in the network") {
    Server server(kStep, {"--delay", "60000", "--trace"});
    DatagramSocket client(server);
    client.send("far away");
    server.expect_error("datagram 1: ", "it has come");
    server.expect_clean_end();
}

TEST_CASE("the server sleeps while datagrams wait in the network") {
    const Server server(kStep, {"--delay", "1000"});
    DatagramSocket client(server);
    client.send("hello");
    client.expect("hello", "echo");
    if (server.cpu_seconds() > 0.3) {
        fail("hardly any processor time", std::to_string(server.cpu_seconds()) + " s",
             "poll with the time until the next one is due; rounded down, it spins");
    }
}

TEST_SUITE_END();
