// The client of 02_threaded_chat over a path that is cut: this step promises nothing but to say so.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/02_threaded_chat/support/line_chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/relay.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

TEST_SUITE_BEGIN("robust");

TEST_CASE("client whose path is cut says so and has shown all that came before, once") {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        Server server("02_threaded_chat");
        relay::RelayThread relay(accidents(server, seed));
        Program client(client_command("02_threaded_chat", relay.port()));
        // Bob is in, because he has heard somebody. The client is in when he hears it: then it
        // hears him.
        Connection bob = std::move(join(server, 2)[0]);
        client.write_input("I am here\n");
        bob.expect("I am here\n", "each line goes to all others");
        std::string lines;
        for (int i = 1; i <= 100; ++i) lines += numbered(i) + "\n";
        bob.send(lines);
        client.expect_exit(1, "a connection that is gone is an error: say so, exit 1");
        CHECK_MESSAGE(!client.errors().empty(), "say what has happened");
        const std::vector<int> shown = numbers_in(client.output());
        CHECK((!shown.empty() && shown.size() < 100));
        for (std::size_t i = 0; i < shown.size(); ++i) CHECK(shown[i] == static_cast<int>(i) + 1);
    }
}

TEST_SUITE_END();
