// What --capture of our own 02_threaded_chat records, whose threads share one file.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/thread.hpp"
#include "tests/02_threaded_chat/support/line_chat.hpp"
#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "02_threaded_chat";

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds what each member of the chat has said and heard") {
    const ScratchDirectory directory;
    const std::string servers = directory.file("server.pcapng");
    const std::string clients = directory.file("client.pcapng");
    Server server(kStep, {"--capture", servers});
    Program ann(client_command(kStep, server.port(), {"--name", "Ann", "--capture", clients}));
    server.expect_error("joined", "Ann is there");
    Connection other(server);
    other.send("hi\n");
    ann.expect_output("hi\n", "what the other says");
    {
        // The room's thread ends this connection after it has recorded that it sent "hi".
        Connection third(server);
        third.finish();
        third.expect_end("the end of its input leaves");
    }
    ann.write_input("hello\n");
    other.expect("Ann: hello\n", "what Ann says");
    ann.end_input();
    ann.expect_exit(0, "the end of input leaves");
    server.expect_error(" left\n", "the server notices");
    server.expect_clean_end();

    const auto all = read_capture(servers);
    const auto ports = captured_clients(all);
    REQUIRE(ports.size() == 3);
    const auto hers = packets_of_port(all, ports[0]);
    expect_bytes("Ann: hello\n", captured_bytes(hers, false), "what Ann said");
    expect_bytes("hi\n", captured_bytes(hers, true), "what Ann heard");
    expect_bytes("<S >SA <A >PA <PA <FA >A >FA <A", captured_flags(hers), "Ann leaves first");
    const auto others = packets_of_port(all, ports[1]);
    expect_bytes("hi\n", captured_bytes(others, false), "what the other said");
    expect_bytes("Ann: hello\n", captured_bytes(others, true), "what the other heard");
    const auto own = read_capture(clients);
    expect_bytes("Ann: hello\n", captured_bytes(own, true), "what Ann's client sent");
    expect_bytes("hi\n", captured_bytes(own, false), "what it received");
    expect_bytes(">S <SA >A <PA >PA >FA <A <FA >A", captured_flags(own),
                 "Ann's client ends its half, and waits for the server's end");
}

TEST_CASE("a capture shows how a member that does not read is cut off") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--queue", "1000", "--capture", file});
    Connection idle(server, 4096);
    server.expect_error("joined", "the idle member is there");
    Connection talker(server);
    const std::string lines = line_of(50'000) + line_of(50'000);
    while (server.errors().find("is cut off") == std::string::npos) talker.send(lines);
    talker.finish();
    talker.expect_end("the end");
    server.expect_clean_end();
    const auto all = read_capture(file);
    const std::string flags = captured_flags(packets_of_port(all, captured_clients(all).at(0)));
    if (!flags.ends_with(" >RA")) fail("a reset of ours at the end", flags, "SO_LINGER");
}

TEST_CASE("a capture of 16 MB that nobody answers never shows a full window") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--queue", "64000000", "--capture", file});
    auto members = join(server, 2);
    std::string lines;
    while (lines.size() < 16'000'000) lines += line_of(50'000);
    lab::Thread sender(for_thread([&] { members[0].send(lines); }));
    CHECK(members[1].receive(lines.size(), "all that was said") == lines);
    sender.join();
    server.expect_clean_end();
    CHECK(captured_bytes(read_capture(file), true).ends_with(lines));
}

TEST_CASE("tshark finds nothing wrong in the capture of a chat of eight threads") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--capture", file});
    auto members = join(server, 8);
    std::vector<lab::Thread> threads;
    for (Connection& member : members) {
        threads.emplace_back(for_thread([&] {
            for (int i = 0; i < 100; ++i) member.send(line_of(100));
            member.receive(7 * 100 * line_of(100).size(), "what the others say");
        }));
    }
    threads.clear();
    server.expect_clean_end();
    CHECK(captured_clients(read_capture(file)).size() == 8);
    expect_sound_for_tshark(file, "data");
}

TEST_SUITE_END();
