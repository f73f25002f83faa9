// The client of 07_longpoll over a path that is cut again and again: nothing is lost, and nothing
// is said or shown twice, its own messages among it.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/client.hpp"
#include "tests/support/program.hpp"
#include "tests/support/relay.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;

namespace {

// The client says numbered lines over a path that is cut: it shows each of them once, in order, and
// so does a witness whose path is good.
void expect_all_heard(const std::vector<std::string>& options, std::uint32_t seed) {
    constexpr int kLines = 40;
    Server server(kStep);
    relay::RelayThread relay(accidents(server, seed));
    Program witness(client_of(server));
    witness.write_input("here\n");
    witness.expect_output("User: here\n", "the witness is there");
    Program client(client_command_for("http://127.0.0.1:" + relay.port(), options));
    std::string shown;
    for (int i = 1; i <= kLines; ++i) {
        client.write_input(numbered(i) + "\n");
        shown += "User: " + numbered(i) + "\n";
    }
    client.expect_output(shown, "ask on after the same id, post again with the same key");
    witness.expect_output("User: here\n" + shown, "each message is there once");
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("client over a path that is cut loses nothing and says nothing twice") {
    expect_all_heard({}, 1);
    expect_all_heard({}, 2);
}

TEST_CASE("client that polls over a path that is cut loses nothing and says nothing twice") {
    expect_all_heard({"--poll", "20"}, 3);
}

TEST_SUITE_END();
