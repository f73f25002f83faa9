// Tests of the relay: a path that takes time, and loses nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "common/address.hpp"
#include "common/thread.hpp"
#include "tests/compare/support/route.hpp"
#include "tests/compare/support/sockets.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_SUITE_BEGIN("full");

TEST_CASE("relay brings every byte both ways in order, and each end of the stream") {
    Route route(with_delay(5ms));
    const std::string up = text_of(3'000'000);
    const std::string down = text_of(2'000'000);
    lab::Thread sender([&] {
        route.server.send(down);
        route.server.finish();
    });
    lab::Thread receiver(
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
    // On a busy machine each may be late, but not all three as late as with another round trip or
    // more.
    auto soonest = Clock::duration::max();
    auto begin = Clock::now();
    Route route(with_delay(delay));
    route.client.send("first");
    route.server.expect("first", "it comes");
    auto took = Clock::now() - begin;
    CHECK_MESSAGE(took >= 3 * delay, "the handshake has to go there and back before");
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
        soonest = std::min(soonest, took);
    }
    CHECK(!lab::test::took_longer(soonest, 2 * delay + 1s));
}

TEST_CASE("relay passes a second piece on before the first one is acknowledged") {
    Route route;
    // The relay has both of its sockets ready before it passes anything on.
    route.server.send("tick");
    route.client.expect("tick", "it comes");
    // The system would keep the second piece back until the first one is acknowledged, and a peer
    // that has nothing to say puts that off for 40 ms. The relay is a thread of this program: so
    // are its sockets.
    int to_client = 0;
    int to_server = 0;
    for (int socket = 0; socket < kMaxDescriptors; ++socket) {
        const std::string peer = lab::peer_address(socket);
        if (peer == "127.0.0.1:" + route.server_listener.port()) {
            ++to_server;
        } else if (peer != "?" && lab::local_address(socket) == "127.0.0.1:" + route.relay.port()) {
            ++to_client;
        } else {
            continue;
        }
        CHECK_MESSAGE(leaves_at_once(socket), peer);
    }
    CHECK(to_client == 1);
    CHECK(to_server == 1);
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
        // A reset while the relay still connects is a connection that it cannot make.
        sender.send("begun");
        other.expect("begun", "it comes");
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
    lab::Thread receiver([&] {
        expect_bytes(much.substr(0, taken), route.server.receive(taken, "what was taken"),
                     "in order");
    });
}

TEST_CASE("relay whose way is full sleeps until there is room") {
    Listener listener;
    Server relay({path_of("relay"), "--to", "127.0.0.1:" + listener.port()});
    Connection client(relay);
    const Connection server = listener.accept();
    client.send_until_full(text_of(16'000'000), 300ms);
    const double before = relay.cpu_seconds();
    CHECK_FALSE(client.wait_for_bytes(300ms));
    CHECK(relay.cpu_seconds() - before < 0.1);
}

TEST_CASE("relay as a program says where it listens and ends on SIGTERM") {
    Listener listener;
    Server relay(std::vector<std::string>{path_of("relay"), "--to", "127.0.0.1:" + listener.port(),
                                          "--cut", "1", "--seed",
                                          std::to_string(seed_of_cut(false))});
    Connection client(relay);
    Connection server = listener.accept();
    client.send("hello");
    server.expect("hello", "it goes there");
    server.send("and back");
    client.expect("and back", "it goes back");
    relay.expect_error("connection 0: cut after", "the coming change is announced");
    relay.expect_clean_end();

    Server slow({path_of("relay"), "--to", "127.0.0.1:" + listener.port(), "--delay", "30"});
    const auto begin = Clock::now();
    Connection another(slow);
    another.send("hello");
    listener.accept().expect("hello", "it goes there");
    CHECK(Clock::now() - begin >= 90ms);
}

TEST_SUITE_END();
