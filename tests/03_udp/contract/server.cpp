// The contract of the server of 03_udp on a good network.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "common/thread.hpp"
#include "tests/03_udp/support/datagram.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "03_udp";

// Sends to the server without a pause, as long as it lives.
class Flood {
 public:
    explicit Flood(const Server& server) : socket_(server) {}
    ~Flood() { ending_ = true; }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;

 private:
    DatagramSocket socket_;
    std::atomic<bool> ending_ = false;
    lab::Thread thread_{[this] {
        while (!ending_ && socket_.try_send("word")) socket_.forget();
    }};
};

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server says where it listens") {
    const Server server(kStep);
    expect_bytes("127.0.0.1", server.host(), "without --host, only this machine");
    DatagramSocket client(server);
    // If nobody has the port, the first datagram makes the second one fail.
    for (int i = 0; i < 2; ++i) client.send("hello");
}

TEST_CASE("server echoes a datagram") {
    const Server server(kStep);
    DatagramSocket client(server);
    client.send("hello");
    client.expect("hello",
                  "recvfrom gives a whole datagram: send it back at once, with sendto to the "
                  "address that recvfrom has told");
}

TEST_CASE("server echoes whatever the bytes are: zero bytes and half characters too") {
    const Server server(kStep);
    DatagramSocket client(server);
    std::string bytes = "Привіт 👋\n\xd0";
    for (int code = 0; code < 256; ++code) bytes += static_cast<char>(code);
    client.send(bytes);
    client.expect(bytes, "UDP carries bytes: do not decode them, nor end them at a zero byte");
}

TEST_CASE("server keeps the bounds of each datagram") {
    const Server server(kStep);
    DatagramSocket client(server);
    for (const std::string word : {"one", "two", "three"}) client.send(word);
    for (const std::string word : {"one", "two", "three"})
        client.expect(word, "one recvfrom is one datagram, and one sendto is one datagram");
}

TEST_CASE("server echoes datagrams of every size") {
    const Server server(kStep);
    DatagramSocket client(server);
    for (const std::size_t size : {0u, 1u, 2u, 1471u, 1472u, 1473u, 9000u, 65506u, 65507u}) {
        const std::string bytes = text_of(size);
        client.send(bytes);
        client.expect(bytes, "an empty datagram is one too, and the largest has 65507 bytes");
    }
}

TEST_CASE("server answers each client for itself") {
    const Server server(kStep);
    DatagramSocket first(server);
    DatagramSocket second(server);
    first.send("from the first");
    second.send("from the second");
    second.expect("from the second", "recvfrom tells the address of each datagram");
    first.expect("from the first", "recvfrom tells the address of each datagram");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("server serves many clients at once without mixing them") {
    const Server server(kStep);
    std::vector<DatagramSocket> clients;
    for (int i = 0; i < 50; ++i) clients.emplace_back(server);
    for (int round = 0; round < 20; ++round) {
        const auto text = [&](std::size_t client) {
            return "client " + std::to_string(client) + " round " + std::to_string(round);
        };
        for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(text(i));
        for (std::size_t i = 0; i < clients.size(); ++i)
            clients[i].expect(text(i), "each echo goes to the address its datagram came from");
    }
}

TEST_CASE("server goes on after senders who are gone before their echo comes") {
    const Server server(kStep);
    DatagramSocket last(server);
    for (int i = 0; i < 100; ++i) {
        DatagramSocket gone(server);
        gone.send("I shall not hear this");
    }
    for (int i = 0; i < 10; ++i) {
        last.send("still there?");
        last.expect("still there?", "an ICMP port unreachable (ECONNREFUSED) ends nothing");
    }
}

TEST_CASE("server that was stopped for a while finds who has left and serves who has stayed") {
    const Server server(kStep);
    DatagramSocket stayed(server);
    server.pause();
    for (int i = 0; i < 50; ++i) DatagramSocket(server).send("gone before the server has read it");
    stayed.send("here");
    server.send_signal(SIGCONT);
    stayed.expect("here", "an error of one sendto or recvfrom concerns one datagram only");
}

TEST_CASE("server takes a datagram of no bytes for no end") {
    const Server server(kStep);
    DatagramSocket client(server);
    for (int i = 0; i < 3; ++i) {
        client.send("");
        client.expect("", "recvfrom returns 0 for an empty datagram: UDP knows no end");
    }
    client.send("more");
    client.expect("more", "go on after an empty datagram");
}

TEST_CASE("SIGTERM ends the server while it waits for a datagram") {
    Server server(kStep);
    server.expect_clean_end();
}

TEST_CASE("SIGTERM ends the server while datagrams come without a pause") {
    Server server(kStep);
    const Flood flood(server);
    // Until the flood has begun to be served; it may fill the server's buffer, and this be lost.
    DatagramSocket client(server);
    for (int i = 0; i < 100 && client.receive_all(10ms).empty(); ++i) client.send("hello");
    server.expect_clean_end();
}

TEST_CASE("SIGTERM ends the server at whatever moment it comes") {
    for (int i = 0; i < 20; ++i) {
        Server server(kStep);
        DatagramSocket client(server);
        for (int j = 0; j < i; ++j) client.send(text_of(1000));
        server.expect_clean_end();
    }
}

TEST_CASE("SIGINT ends the server as SIGTERM does") {
    Server server(kStep);
    server.send_signal(SIGINT);
    server.expect_exit(0, "Ctrl-C sends SIGINT: handle both", kEnd);
}

TEST_CASE("server starts again at once on the port that it has just used") {
    std::string port;
    {
        Server server(kStep);
        port = server.port();
        server.expect_clean_end();
    }
    const Server again({path_of(kStep), "server", "--port", port});
    DatagramSocket client(again);
    client.send("hello");
    client.expect("hello", "UDP has no TIME_WAIT: nothing is in the way");
}

TEST_CASE("server says that its port is taken and exits with 1") {
    const Server first(kStep);
    Program second({path_of(kStep), "server", "--port", first.port()});
    second.expect_exit(1, "no SO_REUSEADDR: with it two servers would share a port on Linux");
    if (!tells_of_port_in_use(second.errors()))
        fail("\"Address already in use\" on stderr", second.errors(), "say why: strerror");
}

TEST_SUITE_END();
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

TEST_CASE("server drops what is longer than its limit and not what is as long") {
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
    Program client(client_command(kStep, server.port(), {"--trace"}));
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
            Program client(client_command(kStep, server.port(), {"--host", asked}));
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
