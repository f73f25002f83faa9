// The contract of the server of 02_threaded_chat: how it begins, waits and ends.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/02_threaded_chat/support/line_chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "02_threaded_chat";

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("SIGTERM ends the server with 200 clients within a second and tells each") {
    Server server(kStep);
    std::vector<Connection> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(server);
    clients.back().send("all are here\n");
    for (std::size_t i = 0; i + 1 < clients.size(); ++i)
        clients[i].expect("all are here\n", "each line goes to all the others");
    server.expect_clean_end();
    for (Connection& client : clients)
        client.expect_end("wake each thread with shutdown(2), join it, close: FIN, not a reset");
}

TEST_CASE("SIGINT ends the server as SIGTERM does") {
    Server server(kStep);
    auto clients = join(server, 2);
    server.send_signal(SIGINT);
    server.expect_exit(0, "Ctrl-C sends SIGINT: handle both", kEnd);
    clients[0].expect_end("FIN, not a reset");
}

TEST_CASE("server starts again at once on the port that it has just used") {
    std::string port;
    {
        Server server(kStep);
        port = server.port();
        auto clients = join(server, 2);
        server.expect_clean_end();
        for (Connection& client : clients) client.expect_end("FIN");
    }
    const Server again({path_of(kStep), "server", "--port", port});
    join(again, 2);
}

TEST_CASE("server says that its port is taken and exits with 1") {
    expect_port_taken(kStep);
}

TEST_CASE("server out of descriptors neither ends nor spins and lets the next in when one leaves") {
    // 24 descriptors: enough for the server and some clients, not for 40.
    Server server({"sh", "-c", "ulimit -n 24 && exec \"$0\" server --port 0", path_of(kStep)});
    auto clients = join(server, 2);
    std::vector<Connection> more;
    for (int i = 0; i < 40; ++i) more.emplace_back(server);
    clients[0].send("still there?\n");
    clients[1].expect("still there?\n", "EMFILE from accept is no reason to end");

    expect_idle(server, clients[0], 1500ms,
                "after EMFILE the listener stays readable: leave it out of poll for a while");
    Connection last = std::move(more.back());
    more.clear();
    last.send("made it\n");
    clients[0].expect("made it\n", "accept again once a client has left");
    server.send_signal(SIGTERM);
    server.expect_exit(0, "SIGTERM ends the server");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("SIGTERM ends the server while a client does not read") {
    // Enough to fill the kernel's buffers, not enough to be cut off.
    Server server(kStep, {"--queue", std::to_string(64 << 20)});
    auto clients = join(server, 2);
    Connection never_reads(server, 4096);
    for (int i = 0; i < 140; ++i) {
        clients[0].send(line_of(60'000));
        clients[1].expect(line_of(60'000), "each line goes to all the others");
    }
    server.expect_clean_end();
}

TEST_CASE("a server that is started with SIGINT ignored leaves it so") {
    expect_ignored_interrupt_harmless("02_threaded_chat");
}

TEST_SUITE_END();
