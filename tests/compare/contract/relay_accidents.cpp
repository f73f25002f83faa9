// Tests of the relay: accidents that do again, and servers that are not there.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "common/socket.hpp"
#include "tests/compare/support/route.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;
using relay::faults_of;
using relay::RelayThread;
using Clock = std::chrono::steady_clock;

namespace {

// A connection to the relay; none if the relay has reset it while connect_to still looked whether
// it stands.
std::optional<Connection> connect_unless_reset(const std::string& host, const std::string& port) {
    try {
        return Connection(lab::connect_to(host, port));
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::connection_reset) throw;
        return std::nullopt;
    }
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("relay cuts after the bytes that its seed says, with RST or FIN") {
    for (const bool reset : {true, false}) {
        const std::uint32_t seed = seed_of_cut(reset);
        const std::size_t after = *faults_of({.cut = 1, .stall = 0, .seed = seed}, 0).cut_after;
        for (int again = 0; again < 2; ++again) {
            Route route(with_trouble(1, 0, seed));
            route.server.send(text_of(8000));
            expect_bytes(text_of(8000).substr(0, after),
                         route.client.receive(after, "up to the cut"), "all before it");
            if (reset) {
                expect_bytes("", route.client.receive_to_end("it is cut"), "nothing more");
                CHECK_MESSAGE(route.client.try_send("x") == 0, "RST: who is reset cannot send");
            } else {
                route.client.expect_end("FIN");
            }
            route.server.receive_to_end("the server learns of it too");
        }
    }
}

TEST_CASE("relay that has cut with FIN lets the client say all it has to, for a while") {
    // The relay waits longer than a busy machine may stop this program.
    relay::Options options = with_trouble(1, 0, seed_of_cut(false));
    options.finishing = 3 * kDeadline;
    Route route(options);
    route.server.send(text_of(8000));
    route.client.receive_to_end("it is cut");
    // The server learns of the cut at once.
    route.server.receive_to_end("the server learns of it too");
    const std::string much = text_of(8'000'000);
    CHECK_MESSAGE(route.client.send_until_full(much, kDeadline) == much.size(),
                  "a close with bytes unread would be a reset");
    CHECK_MESSAGE(route.client.can_send(kDeadline), "so would one that comes a little later");
}

TEST_CASE("relay that has cut with FIN does not wait for ever") {
    Route route(with_trouble(1, 0, seed_of_cut(false)));
    route.server.send(text_of(8000));
    route.client.receive_to_end("it is cut");
    const auto deadline = Clock::now() + kDeadline;
    // A peer that is gone answers with a reset: then nothing can be sent.
    while (route.client.try_send("x") > 0 && Clock::now() < deadline)
        CHECK_FALSE(route.server_listener.try_accept(20ms).has_value());
    CHECK(Clock::now() < deadline);
}

TEST_CASE("relay stands still when its seed says so, both ways, and goes on") {
    const std::uint32_t seed = 3;
    const relay::Faults faults = faults_of({.cut = 0, .stall = 1, .seed = seed}, 0);
    Route route(with_trouble(0, 1, seed));
    const std::string text = text_of(8000);
    const auto begin = Clock::now();
    route.server.send(text);
    expect_bytes(text.substr(0, *faults.stall_after),
                 route.client.receive(*faults.stall_after, "up to there"), "all before it");
    route.client.send("is anybody there?");
    route.server.expect("is anybody there?", "goes on");
    CHECK(Clock::now() - begin >= faults.stall);
    expect_bytes(text.substr(*faults.stall_after),
                 route.client.receive(text.size() - *faults.stall_after, "then the rest"),
                 "goes on");
    CHECK(Clock::now() - begin >= faults.stall);
}

TEST_CASE("relay that stands still brings the client nothing either") {
    const std::uint32_t seed = 3;
    const relay::Faults faults = faults_of({.cut = 0, .stall = 1, .seed = seed}, 0);
    Route route(with_trouble(0, 1, seed));
    const auto begin = Clock::now();
    route.server.send(text_of(8000));
    expect_bytes(text_of(8000), route.client.receive(8000, "all of it"), "in order");
    CHECK(Clock::now() - begin >= faults.stall);
}

TEST_CASE("relay's accidents are those of each connection's number") {
    const std::uint32_t seed = 11;
    Listener listener;
    RelayThread relay(Route::with_server(with_trouble(1, 0, seed), listener.port()));
    for (std::uint32_t number = 0; number < 5; ++number) {
        Connection client(lab::connect_to("127.0.0.1", relay.port()));
        Connection server = listener.accept();
        server.send(text_of(8000));
        const std::size_t after =
            *faults_of({.cut = 1, .stall = 0, .seed = seed}, number).cut_after;
        CHECK(client.receive_to_end("it is cut").size() == after);
    }
}

TEST_CASE("relay without a server behind it hangs up") {
    const std::string nobody = free_port();
    RelayThread relay(Route::with_server({}, nobody));
    if (auto client = connect_unless_reset("127.0.0.1", relay.port())) {
        expect_bytes("", client->receive_to_end("there is nobody"), "no bytes");
        CHECK_MESSAGE(client->try_send("x") == 0, "RST, as a port that nobody listens on has it");
    }
}

TEST_CASE("relay to an address that does not exist hangs up, and serves on") {
    Server relay({path_of("relay"), "--to", "127.0.0.1:no-such-port"});
    for (int i = 0; i < 2; ++i) {
        if (auto client = connect_unless_reset(relay.host(), relay.port()))
            expect_bytes("", client->receive_to_end("there is nobody"), "no bytes");
    }
    relay.expect_error("getaddrinfo 127.0.0.1: ", "why is said");
    relay.expect_clean_end();
}

TEST_CASE("relay without a descriptor for the next one lets it wait, and sleeps") {
    // Each needs two: so with one of these limits the next one finds none at all, and with the
    // other one there is none for its way to the server, and it is hung up on.
    for (const std::string limit : {"20", "21"}) {
        Listener listener;
        Server relay({"sh", "-c", R"(ulimit -n "$1"; exec "$0" --to "$2")", path_of("relay"), limit,
                      "127.0.0.1:" + listener.port()});
        std::vector<std::optional<Connection>> clients;
        for (int i = 0; i < 12; ++i)
            clients.push_back(connect_unless_reset(relay.host(), relay.port()));
        // The first one stays: else nobody would wait.
        const Connection server = listener.accept();
        const double before = relay.cpu_seconds();
        CHECK_FALSE(clients.front().value().wait_for_bytes(300ms));
        CHECK(relay.cpu_seconds() - before < 0.1);
        relay.expect_clean_end();
    }
}

TEST_CASE("relay keeps nothing of a connection that has ended both ways") {
    Listener listener;
    Server relay({"sh", "-c", R"(ulimit -n 20; exec "$0" --to "$1")", path_of("relay"),
                  "127.0.0.1:" + listener.port()});
    for (int i = 0; i < 12; ++i) {
        Connection client(relay);
        Connection server = listener.accept();
        client.finish();
        server.expect_end("the client has ended");
        server.finish();
        client.expect_end("and so has the server");
    }
}

TEST_SUITE_END();
