// What --capture of our own 04_handshake records.
#include <doctest/doctest.h>

#include <string>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

// A server and a client have captured how one line comes back.
void capture_line(const std::string& servers, const std::string& clients,
                  Place place = Place::here()) {
    Server server(kStep, {"--capture", servers}, place);
    Program client(
        url_client_command(kStep, "ws://127.0.0.1:" + server.port() + "/", {"--capture", clients}),
        Streams::pipes, place);
    client.write_input("Привіт\n", place);
    client.expect_output("Привіт\n", "the echo", place);
    client.end_input();
    client.expect_exit(0, "the end of input leaves", kDeadline, place);
    server.expect_clean_end(place);
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds the handshake and each frame byte for byte") {
    const ScratchDirectory directory;
    const std::string servers = directory.file("server.pcapng");
    const std::string clients = directory.file("client.pcapng");
    capture_line(servers, clients);
    const auto heard = read_capture(servers);
    const auto said = read_capture(clients);
    const std::string request = captured_bytes(said, true);
    const std::string answer = captured_bytes(said, false);
    CHECK(request.starts_with("GET / HTTP/1.1\r\n"));
    CHECK(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK(answer.ends_with(
        bytes_of({.payload = "Привіт"}, End::server) +
        bytes_of({.opcode = kClose, .payload = close_payload(1000)}, End::server)));
    CHECK(captured_bytes(heard, false) == request);
    CHECK(captured_bytes(heard, true) == answer);
    expect_bytes("<S >SA <A <PA >PA <PA >PA <PA >PA >FA <A <FA >A", captured_flags(heard),
                 "the server ends TCP first");
}

TEST_CASE("tshark shows the handshake and the unmasked text of a capture") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    capture_line(file, directory.file("client.pcapng"));
    expect_sound_for_tshark(file);
    for (const std::string mask : {"1", "0"}) {
        const std::string shown =
            tshark(file, {"-V", "-Y", "websocket.opcode == 1 && websocket.mask == " + mask});
        if (shown.find("Привіт") == std::string::npos)
            fail("Привіт", shown, "the client's frame is masked, and the server's is not");
    }
    expect_bytes("GET\t\n\t101\n",
                 tshark(file, {"-Y", "http", "-T", "fields", "-e", "http.request.method", "-e",
                               "http.response.code"}),
                 "the handshake");
}

TEST_SUITE_END();
