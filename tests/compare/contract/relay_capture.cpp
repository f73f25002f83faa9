// What --capture of the relay records: both connections of each path.
#include <doctest/doctest.h>

#include <string>

#include "common/socket.hpp"
#include "tests/compare/support/route.hpp"
#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

TEST_SUITE_BEGIN("full");

TEST_CASE("relay captures both connections of a path, and how each ends") {
    const ScratchDirectory directory;
    const std::string file = directory.file("relay.pcapng");
    Listener listener;
    Server relay({path_of("relay"), "--to", "127.0.0.1:" + listener.port(), "--capture", file});
    Connection client(lab::connect_to("127.0.0.1", relay.port()));
    Connection server = listener.accept();
    client.send("question");
    server.expect("question", "it comes");
    server.send("answer");
    client.expect("answer", "it comes back");
    client.finish();
    server.expect_end("it ends");
    server.finish();
    client.expect_end("it ends, too");
    relay.expect_clean_end();

    const auto all = read_capture(file);
    const auto to_client = packets_of_port(all, relay.port());
    const auto to_server = packets_of_port(all, listener.port());
    CHECK(all.size() == to_client.size() + to_server.size());
    expect_bytes("<S >SA <A <PA >PA <FA >A >FA <A", captured_flags(to_client), "the client's side");
    expect_bytes(">S <SA >A >PA <PA >FA <A <FA >A", captured_flags(to_server), "the server's side");
    CHECK(captured_bytes(to_client, false) == "question");
    CHECK(captured_bytes(to_server, true) == "question");
    CHECK(captured_bytes(to_server, false) == "answer");
    CHECK(captured_bytes(to_client, true) == "answer");
}

TEST_CASE("relay captures a connection that it cuts with a reset as reset") {
    const ScratchDirectory directory;
    const std::string file = directory.file("relay.pcapng");
    Listener listener;
    Server relay({path_of("relay"), "--to", "127.0.0.1:" + listener.port(), "--cut", "1", "--seed",
                  std::to_string(seed_of_cut(true)), "--capture", file});
    Connection client(lab::connect_to("127.0.0.1", relay.port()));
    Connection server = listener.accept();
    server.send(text_of(8000));
    client.receive_to_end("until it is cut");
    server.receive_to_end("the server learns of it too");
    relay.expect_clean_end();
    const auto all = read_capture(file);
    for (const std::string& port : {relay.port(), listener.port()}) {
        const std::string flags = captured_flags(packets_of_port(all, port));
        if (!flags.ends_with(" >RA")) fail("a reset of the relay's", flags, "SO_LINGER");
    }
}

TEST_SUITE_END();
