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

const RecordedLine kEcho{
    .step = "04_handshake", .scheme = "ws", .path = "/", .line = "Привіт", .shown = "Привіт"};

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds the handshake and each frame byte for byte") {
    const ScratchDirectory directory;
    record(directory, kEcho);
    const auto heard = read_capture(directory.file("server.pcapng"));
    const auto said = read_capture(directory.file("client.pcapng"));
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
    record(directory, kEcho);
    expect_sound_for_tshark(file, "http");
    for (const std::string mask : {"1", "0"}) {
        const std::string shown = tshark(
            file, "http", {"-V", "-Y", "websocket.opcode == 1 && websocket.mask == " + mask});
        if (shown.find("Привіт") == std::string::npos)
            fail("Привіт", shown, "the client's frame is masked, and the server's is not");
    }
    expect_bytes("GET\t\n\t101\n",
                 tshark(file, "http",
                        {"-Y", "http", "-T", "fields", "-e", "http.request.method", "-e",
                         "http.response.code"}),
                 "the handshake");
}

TEST_SUITE_END();
