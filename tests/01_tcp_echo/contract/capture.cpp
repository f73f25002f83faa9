// What --capture of our own 01_tcp_echo records, and what happens where it cannot.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/file_descriptor.hpp"
#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "01_tcp_echo";

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture on each side holds the same bytes and how the connection began and ended") {
    const ScratchDirectory directory;
    const std::string servers = directory.file("server.pcapng");
    const std::string clients = directory.file("client.pcapng");
    Server server(kStep, {"--capture", servers});
    Program client(client_command(kStep, server.port(), {"--capture", clients}));
    client.write_input("hello\nПривіт\n");
    client.end_input();
    client.expect_exit(0, "the end of input leaves");
    server.expect_error("left after 19 bytes\n", "the server notices the end");
    server.expect_clean_end();

    const auto heard = read_capture(servers);
    expect_bytes("hello\nПривіт\n", captured_bytes(heard, false), "what the server received");
    expect_bytes("hello\nПривіт\n", captured_bytes(heard, true), "what the server sent");
    expect_bytes("<S >SA <A <PA >PA <PA >PA <FA >A >FA <A", captured_flags(heard),
                 "the client ends the connection first");
    const auto said = read_capture(clients);
    expect_bytes("hello\nПривіт\n", captured_bytes(said, true), "what the client sent");
    expect_bytes("hello\nПривіт\n", captured_bytes(said, false), "what the client received");
    expect_bytes(">S <SA >A >PA <PA >PA <PA >FA <A", captured_flags(said),
                 "a client that has closed its socket does not see the server's end");
    CHECK(said.front().from == heard.front().from);
    CHECK(said.front().to == "127.0.0.1:" + server.port());
}

TEST_CASE("a capture shows a reset as a reset") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--capture", file});
    Connection client(server);
    client.send("hello\n");
    client.expect("hello\n", "echo");
    client.reset();
    server.expect_error("left after 6 bytes", "the server notices the reset");
    server.expect_clean_end();
    expect_bytes("<S >SA <A <PA >PA <RA", captured_flags(read_capture(file)),
                 "recv fails with ECONNRESET");
}

TEST_CASE("a server that is stopped has captured its own end of the connection alone") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--capture", file});
    Connection client(server);
    client.send("hello\n");
    client.expect("hello\n", "echo");
    server.expect_clean_end();
    expect_bytes("<S >SA <A <PA >PA >FA <A", captured_flags(read_capture(file)),
                 "after a shutdown(2) of its own recv returns 0, too");
}

TEST_CASE("a capture of IPv6 has its headers") {
    if (!has_ipv6()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--host", "::1", "--capture", file});
    Connection client(server);
    client.send("hello\n");
    client.expect("hello\n", "echo");
    server.expect_clean_end();
    const auto packets = read_capture(file);
    CHECK(packets.front().to == "[::1]:" + server.port());
    expect_bytes("hello\n", captured_bytes(packets, false), "what the server received");
}

TEST_CASE("a server that is killed in the middle of a stream leaves a whole capture") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    const std::string text = text_of(16 * 1024 * 1024);
    Server server(kStep, {"--capture", file});
    Connection client(server);
    lab::Thread killer(for_thread([&] {
        while (!std::filesystem::exists(file) || std::filesystem::file_size(file) < 1024 * 1024)
            if (server.ends_within(std::chrono::milliseconds(1))) return;
        server.send_signal(SIGKILL);
    }));
    std::string said;
    do {
        said += text;
    } while (client.send_and_keep(text));
    killer.join();
    server.expect_end_by(SIGKILL, "SIGKILL cannot be caught");
    const std::string heard = captured_bytes(read_capture(file), false);
    CHECK(heard.size() >= 256 * 1024);
    CHECK(said.starts_with(heard));
}

TEST_CASE("a message of 16 MiB is captured whole in both directions") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    const std::string text = text_of(16 * 1024 * 1024);
    Server server(kStep, {"--capture", file});
    Connection client(server);
    const std::string begin = client.send_and_receive(text);
    client.finish();
    CHECK(begin.size() + client.receive_to_fin("the rest").size() == text.size());
    server.expect_clean_end();
    const auto packets = read_capture(file);
    CHECK(captured_bytes(packets, false) == text);
    CHECK(captured_bytes(packets, true) == text);
}

TEST_CASE("a full disk ends the capture once and nothing else") {
    if (!std::filesystem::exists("/dev/full")) return;
    Server server(kStep, {"--capture", "/dev/full"});
    Connection client(server);
    for (const std::string line : {"one\n", "two\n"}) {
        client.send(line);
        client.expect(line, "the echo goes on");
    }
    server.expect_clean_end();
    const std::string told = server.errors();
    const std::string line =
        "capture /dev/full: No space left on device: nothing more is recorded\n";
    const std::size_t at = told.find(line);
    if (at == std::string::npos || told.find("capture", at + line.size()) != std::string::npos)
        fail("one line: " + line, told, "say it once, and go on");
}

TEST_CASE("a capture whose file cannot be created is an error") {
    const ScratchDirectory directory;
    const std::string file = directory.file("none/x.pcapng");
    for (const std::string command : {"server", "client"}) {
        Program program({path_of(kStep), command, "--capture", file});
        program.expect_exit(1, "before anything else");
        expect_bytes(kStep + ": create " + file + ": No such file or directory\n", program.errors(),
                     "one line");
    }
    expect_bad_usage(kStep, {{"server", "--capture"}, {"client", "--capture", ""}});
}

TEST_CASE("tshark follows the stream in a capture and finds nothing wrong") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--capture", file});
    for (const std::string line : {"hello\n", "again\n"}) {
        Connection client(server);
        client.send(line);
        client.expect(line, "echo");
        client.finish();
        client.expect_end("the server ends it too");
    }
    {
        Connection client(server);
        const std::string begin = client.send_and_receive(text_of(3'000'000));
        client.finish();
        CHECK(begin.size() + client.receive_to_fin("the rest").size() == 3'000'000);
    }
    server.expect_clean_end();
    expect_sound_for_tshark(file, "data");
    const std::string followed = tshark(file, "data", {"-q", "-z", "follow,tcp,ascii,1"});
    if (followed.find("6\nagain\n\n\t6\nagain\n") == std::string::npos)
        fail("the second line and its echo", followed, "tshark -z follow,tcp,ascii,1");
}

TEST_CASE("tshark does not take a client at the port of IRC for one that speaks IRC") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--capture", file});
    lab::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in ours{}, theirs{};
    ours.sin_family = theirs.sin_family = AF_INET;
    ours.sin_port = htons(57000);
    theirs.sin_port = htons(static_cast<std::uint16_t>(std::stoi(server.port())));
    // No other test connects from this address, so the port is free there.
    inet_pton(AF_INET, "127.0.0.57", &ours.sin_addr);
    inet_pton(AF_INET, "127.0.0.1", &theirs.sin_addr);
    // A connection of the last run, in TIME_WAIT, does not keep it.
    const int yes = 1;
    setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(socket.number(), reinterpret_cast<const sockaddr*>(&ours), sizeof ours) != 0)
        return skip("127.0.0.57, port 57000");
    REQUIRE(connect(socket.number(), reinterpret_cast<const sockaddr*>(&theirs), sizeof theirs) ==
            0);
    Connection client(std::move(socket));
    client.send("123\n");
    client.expect("123\n", "echo");
    client.finish();
    client.expect_end("the server ends it too");
    server.expect_clean_end();
    expect_sound_for_tshark(file, "data");
}

TEST_SUITE_END();
