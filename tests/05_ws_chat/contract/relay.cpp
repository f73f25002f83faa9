// The client of 05_ws_chat over a path that is cut again and again: it comes back, and knows what
// it does not know.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/05_ws_chat/support/client.hpp"
#include "tests/support/program.hpp"
#include "tests/support/relay.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::chat_client;

TEST_SUITE_BEGIN("robust");

TEST_CASE(
    "client over a path that is cut comes back and tells of each line that it may have lost") {
    constexpr int kLines = 120;
    const std::string kOutcome = "it comes back, or may be lost: then tell of it";
    Server server(kStep, {"--rate", "0"});
    relay::RelayThread relay(accidents(server, 5));
    Program witness(command(url_of(server.port())));
    Program client(command(url_of(relay.port())));
    witness.write_input("here\n");
    witness.expect_output("User: here\n", "a member hears itself");
    for (int i = 1; i <= kLines / 2; ++i) {
        client.write_input(numbered(i) + "\n");
        client.expect_either(numbered(i), kOutcome);
    }
    // And as many at once: those that are under way when it is cut are told of, the others go on.
    for (int i = kLines / 2 + 1; i <= kLines; ++i) client.write_input(numbered(i) + "\n");
    client.expect_either(numbered(kLines), kOutcome);
    witness.write_input("that is all\n");
    while (witness.read_line("the chat goes on") != "User: that is all") {
    }
    CHECK_MESSAGE(client.errors().find("next try in") != std::string::npos, "it was cut");

    const std::vector<int> heard = numbers_in(client.output());
    const std::vector<int> said = numbers_in(witness.output());
    const std::vector<int> told = numbers_in(client.errors());
    CHECK_MESSAGE(std::ranges::is_sorted(heard), "in order");
    CHECK_MESSAGE(std::ranges::is_sorted(said), "in order");
    for (int i = 1; i <= kLines; ++i) {
        CHECK_MESSAGE(std::ranges::count(heard, i) <= 1, "shown twice: ", numbered(i));
        CHECK_MESSAGE(std::ranges::count(said, i) <= 1, "said twice: ", numbered(i));
        CHECK_MESSAGE(std::ranges::count(heard, i) + std::ranges::count(told, i) >= 1,
                      "neither came back nor was told of: ", numbered(i));
    }
}

TEST_SUITE_END();
