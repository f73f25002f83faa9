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
#include "tests/support/server.hpp"

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

TEST_CASE("server goes on after senders that are gone before their echo comes") {
    const Server server(kStep);
    DatagramSocket last(server);
    for (int i = 0; i < 100; ++i) {
        DatagramSocket gone(server);
        gone.send("I will not hear this");
    }
    for (int i = 0; i < 10; ++i) {
        last.send("still there?");
        last.expect("still there?", "an ICMP port unreachable (ECONNREFUSED) ends nothing");
    }
}

TEST_CASE("server that was stopped for a while notices which clients left and serves the others") {
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
    for (int i = 0; i < 100 && !client.try_receive(10ms); ++i) client.send("hello");
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
    // A port that --port 0 has chosen could be given to any other program before the restart.
    const std::string port = free_udp_port();
    const std::vector<std::string> command{path_of(kStep), "server", "--port", port};
    {
        Server server(command);
        server.expect_clean_end();
    }
    const Server again(command);
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
