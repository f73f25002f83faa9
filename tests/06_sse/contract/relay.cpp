// The client of 06_sse over a path that is cut again and again: it loses no event of others, and it
// says which of its own texts are perhaps not published.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/06_sse/support/client.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/relay.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::sse_client;

namespace {

// The lines from 1 to `count`, as the client prints them.
std::string all_lines(int count) {
    std::string lines;
    for (int i = 1; i <= count; ++i) lines += numbered(i) + "\n";
    return lines;
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("client over a path that is cut misses no event and shows none twice") {
    constexpr int kEvents = 150;
    for (const std::uint32_t seed : {1U, 2U}) {
        Server server(kStep, {"--retry", "1"});
        relay::RelayThread relay(accidents(server, seed));
        Program client(url_client_command(kStep, url_of(relay.port())));
        server.expect_error("listens", "the client is there");
        for (int i = 1; i <= kEvents; ++i) {
            expect_status(
                server,
                http_request("POST", "/publish", "Content-Type: text/plain\r\n", numbered(i)), 202,
                "it is published");
        }
        client.expect_output(all_lines(kEvents), "come back with Last-Event-ID");
        CHECK_MESSAGE(client.errors().find("next try in") != std::string::npos, "it was cut");
    }
}

TEST_CASE("client that publishes over a path that is cut tells of each line that may be lost") {
    constexpr int kLines = 60;
    Server server(kStep, {"--retry", "1"});
    relay::RelayThread relay(accidents(server, 7));
    Program client(url_client_command(kStep, url_of(relay.port())));
    server.expect_error("listens", "the client is there");
    for (int i = 1; i <= kLines; ++i) client.write_input(numbered(i) + "\n");
    // The client tells of each line that has not come back 2 s after the end of its input, also
    // over a good path.
    client.expect_either(numbered(kLines), "it comes back, or may be lost: then tell of it");
    client.end_input();
    const bool ended =
        wait_patiently([&](auto limit) { return client.ends_within(limit); }, kDeadline);
    const std::vector<int> shown = numbers_in(client.output());
    const std::vector<int> told = numbers_in(client.errors());
    REQUIRE(ended);
    client.expect_exit(told.empty() ? 0 : 1, "all is done, or what may be lost is told");
    CHECK_MESSAGE(std::ranges::is_sorted(shown), "in order");
    for (int i = 1; i <= kLines; ++i) {
        CHECK_MESSAGE(std::ranges::count(shown, i) <= 1, "shown twice: ", numbered(i));
        CHECK_MESSAGE(std::ranges::count(shown, i) + std::ranges::count(told, i) >= 1,
                      "neither came back nor was told of: ", numbered(i));
    }
}

TEST_SUITE_END();
