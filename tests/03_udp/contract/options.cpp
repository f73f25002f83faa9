// The options of 03_udp, its addresses and limits, and its usage.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/03_udp/support/datagram.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "03_udp";

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("server listens on an IPv6 address") {
    if (!has_ipv6()) return;
    const Server server(kStep, {"--host", "::1"});
    DatagramSocket client(server);
    for (const std::size_t size : {0u, 5u, 1473u, 65507u}) {
        client.send(text_of(size));
        client.expect(text_of(size),
                      "an IPv6 address is longer than an IPv4 one: sockaddr_storage");
    }
}

TEST_CASE("server recognises a datagram that is longer than its buffer and drops it") {
    if (!has_ipv6()) return;
    Server server(kStep, {"--host", "::1"});
    DatagramSocket client(server);
    client.send(text_of(65527));
    client.send("next");
    client.expect("next", "half an echo is worse than none: drop what would be cut");
    server.expect_error("a datagram of 65527 bytes is longer than 65507: dropped\n",
                        "recvfrom with MSG_TRUNC returns the whole length");
}

TEST_CASE("server drops a datagram longer than its limit and not one as long") {
    Server server(kStep, {"--max-datagram", "1000"});
    DatagramSocket client(server);
    for (const std::size_t size : {1001u, 1000u, 65507u, 999u}) client.send(text_of(size));
    client.expect(text_of(1000), "the limit itself is allowed");
    client.expect(text_of(999), "after a datagram that is dropped, the next is served");
    server.expect_error("a datagram of 1001 bytes is longer than 1000: dropped\n", "say it");
    server.expect_error("a datagram of 65507 bytes is longer than 1000: dropped\n", "say it");
}

TEST_CASE("trace shows each datagram on both sides with its direction and bytes") {
    Server server(kStep, {"--trace"});
    Program client(client_command(kStep, server.port(), {"--trace", "--timeout", "60000"}));
    client.write_input("Привіт\n");
    client.expect_output("Привіт\n", "trace goes to stderr, not to stdout");
    client.expect_error("→ 127.0.0.1:" + server.port() + "  12 bytes  \"Привіт\"\n", "sent");
    client.expect_error("← 127.0.0.1:" + server.port() + "  12 bytes  \"Привіт\"\n", "received");
    server.expect_error("← 127.0.0.1:", "what the server received");
    server.expect_error("→ 127.0.0.1:", "what the server sent");
    server.expect_error("  12 bytes  \"Привіт\"\n", "without a line end: a datagram has bounds");
}

TEST_CASE("a server of all addresses answers from the one that was asked") {
    struct Case {
        std::string bound, asked;
    };
    for (const auto& [bound, asked] : {Case{"0.0.0.0", "127.0.0.1"}, Case{"0.0.0.0", "127.0.0.2"},
                                       Case{"::", "::1"}, Case{"::", "127.0.0.2"}}) {
        // macOS has no 127.0.0.2, and not every machine has IPv6.
        if (!has_address(bound) || !has_address(asked)) continue;
        for (const std::string delay : {"0", "1"}) {
            const Server server(kStep, {"--host", bound, "--delay", delay});
            Program client(
                client_command(kStep, server.port(), {"--host", asked, "--timeout", "60000"}));
            client.write_input("hello\n");
            client.expect_output("hello\n",
                                 "ask with IP_PKTINFO which address a datagram was sent to: a "
                                 "client takes no answer from another");
        }
    }
}

TEST_CASE("help shows the usage line on stdout and exits with 0") {
    for (const std::string command : {"server", "client", "probe"}) {
        Program program({path_of(kStep), command, "--help"});
        program.expect_exit(0, "--help is no error");
        if (program.output().find("usage: 03_udp " + command) != 0)
            fail("usage: 03_udp " + command, program.output(), "help goes to stdout");
    }
}

TEST_CASE("bad usage exits with 2 and shows the usage line") {
    const std::vector<std::vector<std::string>> bad{
        {},
        {"serve"},
        {"server", "--port", "70000"},
        {"server", "--loss", "1.5"},
        {"server", "--loss", "nan"},
        {"server", "--duplicate", "-0.1"},
        {"server", "--reorder", "often"},
        {"server", "--delay", "-1"},
        {"server", "--jitter", "x"},
        {"server", "--seed", "x"},
        {"server", "--max-datagram", "65508"},
        {"server", "--queue", "0"},
        {"client", "--timeout", "0"},
        {"client", "--retries", "x"},
        {"probe", "--size", "7"},
        {"probe", "--size", "65508"},
        {"probe", "--count", "0"},
        {"probe", "--interval", "-1"},
        {"server", "extra"},
    };
    expect_bad_usage(kStep, bad);
}

TEST_CASE("a server that is started with SIGINT ignored leaves it so") {
    expect_ignored_interrupt_harmless(kStep);
}

TEST_SUITE_END();
