// Tests of the relay: a path with a delay, and accidents that do again.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "common/socket.hpp"
#include "compare/path.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"

using namespace lab::test;
using namespace std::chrono_literals;
using compare::fate_of;
using compare::RelayOptions;
using compare::RelayThread;
using Clock = std::chrono::steady_clock;

namespace {

/// The two ends of a connection through a relay.
struct Route {
    Listener server_listener;
    RelayThread relay;
    Connection client;
    Connection server;

    explicit Route(const RelayOptions& options = {})
        : relay(with_server(options, server_listener.port())),
          client(lab::connect_to("127.0.0.1", relay.port())),
          server(server_listener.accept()) {}

    static RelayOptions with_server(RelayOptions options, const std::string& port) {
        options.host = "127.0.0.1";
        options.server_port = port;
        return options;
    }
};

RelayOptions with_delay(std::chrono::milliseconds delay) {
    RelayOptions options;
    options.delay = delay;
    return options;
}

RelayOptions with_trouble(double cut, double stall, std::uint32_t seed) {
    RelayOptions options;
    options.trouble = {.cut = cut, .stall = stall, .seed = seed};
    return options;
}

// A seed whose first connection is cut with RST, or with FIN.
std::uint32_t seed_of_cut(bool reset) {
    std::uint32_t seed = 1;
    while (fate_of({.cut = 1, .stall = 0, .seed = seed}, 0).reset != reset) ++seed;
    return seed;
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("relay brings every byte both ways in order, and each end of the stream") {
    Route route(with_delay(5ms));
    const std::string up = text_of(3'000'000);
    const std::string down = text_of(2'000'000);
    std::jthread sender([&] {
        route.server.send(down);
        route.server.finish();
    });
    std::jthread receiver(
        [&] { expect_bytes(up, route.server.receive_to_end("all that was sent"), "in order"); });
    std::string got;
    got += route.client.send_and_receive(up);
    route.client.finish();
    sender.join();
    got += route.client.receive_to_end("all that was sent");
    receiver.join();
    expect_bytes(down, got, "in order");
}

TEST_CASE("relay takes as long as it says: a handshake, then one way each") {
    const auto delay = 40ms;
    Route route(with_delay(delay));
    auto begin = Clock::now();
    route.client.send("first");
    route.server.expect("first", "it comes");
    auto took = Clock::now() - begin;
    CHECK_MESSAGE(took > 2 * delay, "the handshake has to go there and back before");
    for (int i = 0; i < 3; ++i) {
        begin = Clock::now();
        route.client.send("ping");
        route.server.expect("ping", "it comes");
        took = Clock::now() - begin;
        CHECK(took >= delay);
        route.server.send("pong");
        route.client.expect("pong", "it comes back");
        took = Clock::now() - begin;
        CHECK(took >= 2 * delay);
        // On a busy machine it may be late, but not as late as with another round trip or more.
        CHECK(took < 2 * delay + 1s);
    }
}

TEST_CASE("relay lets a server that speaks first speak after the handshake") {
    const auto delay = 30ms;
    const auto begin = Clock::now();
    Route route(with_delay(delay));
    route.server.send("welcome");
    route.client.expect("welcome", "it comes");
    CHECK(Clock::now() - begin >= 4 * delay);
}

TEST_CASE("relay brings all that was sent before a reset, and then the reset") {
    for (const bool of_server : {true, false}) {
        Route route(with_delay(50ms));
        Connection& sender = of_server ? route.server : route.client;
        Connection& other = of_server ? route.client : route.server;
        sender.send(text_of(5000));
        sender.reset();
        expect_bytes(text_of(5000), other.receive_to_end("what was under way"), "nothing is lost");
        CHECK_MESSAGE(other.try_send("x") == 0, "it is a reset");
    }
}

TEST_CASE("relay whose way is full stops its sender and loses nothing") {
    Route route;
    const std::string much = text_of(16'000'000);
    const std::size_t taken = route.client.send_until_full(much, 300ms);
    CHECK_MESSAGE(taken < much.size(), "no more than 1 MiB waits in the relay");
    std::jthread receiver([&] {
        expect_bytes(much.substr(0, taken), route.server.receive(taken, "what was taken"),
                     "in order");
    });
}

TEST_CASE("relay cuts after the bytes that its seed says, with RST or FIN") {
    for (const bool reset : {true, false}) {
        const std::uint32_t seed = seed_of_cut(reset);
        const std::size_t after = *fate_of({.cut = 1, .stall = 0, .seed = seed}, 0).cut_after;
        for (int again = 0; again < 2; ++again) {
            Route route(with_trouble(1, 0, seed));
            route.server.send(text_of(8000));
            expect_bytes(text_of(8000).substr(0, after),
                         route.client.receive(after, "up to the cut"), "all before it");
            if (reset) {
                expect_bytes("", route.client.receive_to_end("it is cut"), "nothing more");
            } else {
                route.client.expect_end("FIN");
            }
            route.server.receive_to_end("the server learns of it too");
        }
    }
}

TEST_CASE("relay stands still when its seed says so, and goes on") {
    const std::uint32_t seed = 3;
    const compare::Fate fate = fate_of({.cut = 0, .stall = 1, .seed = seed}, 0);
    Route route(with_trouble(0, 1, seed));
    const std::string text = text_of(8000);
    route.server.send(text);
    expect_bytes(text.substr(0, *fate.stall_after),
                 route.client.receive(*fate.stall_after, "up to there"), "all before it");
    const auto begin = Clock::now();
    expect_bytes(text.substr(*fate.stall_after),
                 route.client.receive(text.size() - *fate.stall_after, "then the rest"), "goes on");
    CHECK(Clock::now() - begin > fate.stall / 2);
}

TEST_CASE("relay's accidents are those of each connection's number") {
    const std::uint32_t seed = 11;
    Listener listener;
    RelayThread relay(Route::with_server(with_trouble(1, 0, seed), listener.port()));
    for (std::uint32_t number = 0; number < 5; ++number) {
        Connection client(lab::connect_to("127.0.0.1", relay.port()));
        Connection server = listener.accept();
        server.send(text_of(8000));
        const std::size_t after = *fate_of({.cut = 1, .stall = 0, .seed = seed}, number).cut_after;
        CHECK(client.receive_to_end("it is cut").size() == after);
    }
}

TEST_CASE("relay without a server behind it hangs up") {
    const std::string nobody = free_port();
    RelayThread relay(Route::with_server({}, nobody));
    Connection client(lab::connect_to("127.0.0.1", relay.port()));
    expect_bytes("", client.receive_to_end("there is nobody"), "no bytes");
}

TEST_CASE("relay to an address that does not exist hangs up, and serves on") {
    Server relay({path_of("compare"), "relay", "--to", "127.0.0.1:no-such-port"});
    for (int i = 0; i < 2; ++i) {
        Connection client(relay);
        expect_bytes("", client.receive_to_end("there is nobody"), "no bytes");
    }
    relay.expect_error("getaddrinfo 127.0.0.1: ", "why is said");
    relay.expect_clean_end();
}

TEST_CASE("relay without a descriptor for the next one lets it wait, and sleeps") {
    // Each needs two: so with one of these limits the next one finds none at all.
    for (const std::string limit : {"20", "21"}) {
        Listener listener;
        Server relay({"sh", "-c",
                      std::string("ulimit -n ").append(limit) + "; exec " + path_of("compare") +
                          " relay --to 127.0.0.1:" + listener.port()});
        std::vector<Connection> clients;
        for (int i = 0; i < 12; ++i) clients.emplace_back(relay);
        listener.accept();
        const double before = relay.cpu_seconds();
        CHECK_FALSE(clients.front().wait_for_bytes(300ms));
        CHECK(relay.cpu_seconds() - before < 0.1);
        relay.expect_clean_end();
    }
}

TEST_CASE("relay as a program says where it listens and ends on SIGTERM") {
    Listener listener;
    Server relay(std::vector<std::string>{path_of("compare"), "relay", "--to",
                                          "127.0.0.1:" + listener.port(), "--cut", "1", "--seed",
                                          std::to_string(seed_of_cut(false))});
    Connection client(relay);
    Connection server = listener.accept();
    client.send("hello");
    server.expect("hello", "it goes there");
    server.send("and back");
    client.expect("and back", "it goes back");
    relay.expect_error("connection 0: cut after", "what will happen is said");
    relay.expect_clean_end();

    Server slow(
        {path_of("compare"), "relay", "--to", "127.0.0.1:" + listener.port(), "--delay", "30"});
    const auto begin = Clock::now();
    Connection another(slow);
    another.send("hello");
    listener.accept().expect("hello", "it goes there");
    CHECK(Clock::now() - begin >= 90ms);
}

TEST_SUITE_END();
