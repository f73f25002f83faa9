// What --capture and --keylog of our own 05_ws_chat record: the bytes of libwebsockets, which it
// shows to nobody.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/certificate.hpp"
#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";

// One line that a member says and hears.
RecordedLine said_line() {
    return {.step = kStep,
            .scheme = "ws",
            .path = "/ws",
            .line = "Привіт",
            .shown = "User: Привіт",
            .server_says = " left\n"};
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds the handshake and each frame of the library on both sides") {
    const ScratchDirectory directory;
    record(directory, said_line());
    const auto heard = read_capture(directory.file("server.pcapng"));
    const auto said = read_capture(directory.file("client.pcapng"));
    CHECK(captured_bytes(said, true).starts_with("GET /ws HTTP/1.1\r\n"));
    CHECK(captured_bytes(heard, false) == captured_bytes(said, true));
    const std::string answer = captured_bytes(heard, true);
    CHECK(answer.starts_with("HTTP/1.1 101 "));
    CHECK(answer.find(bytes_of({.payload = "User: Привіт"}, End::server)) != std::string::npos);
    // A client that has said goodbye may not wait for the answer.
    CHECK(answer.starts_with(captured_bytes(said, false)));
    // Which side ends TCP first is a matter of chance, and whether the close frames meet.
    const std::string flags = captured_flags(heard);
    CHECK(flags.starts_with("<S >SA <A <PA >PA <PA >PA <PA"));
    CHECK((flags.find(" >FA") != std::string::npos || flags.ends_with(" <RA")));
    CHECK(captured_flags(said).starts_with(">S <SA >A >PA <PA >PA <PA >PA"));
}

TEST_CASE("a capture of a plain request holds its answer and the end") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--capture", file});
    const HttpResponse page =
        ask_last(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "the page");
    server.expect_clean_end();
    const auto packets = read_capture(file);
    CHECK(captured_bytes(packets, false).starts_with("GET / HTTP/1.1\r\n"));
    CHECK(captured_bytes(packets, true).ends_with(page.body));
}

TEST_CASE("tshark shows the handshake and the unmasked text of the chat") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    record(directory, said_line());
    for (const std::string name : {"server.pcapng", "client.pcapng"}) {
        const std::string file = directory.file(name);
        expect_sound_for_tshark(file, "http", "tcp.flags.reset == 1");
        for (const std::string mask : {"1", "0"}) {
            const std::string shown = tshark(
                file, "http", {"-V", "-Y", "websocket.opcode == 1 && websocket.mask == " + mask});
            if (shown.find("Привіт") == std::string::npos) fail("Привіт", shown, "unmasked");
        }
    }
}

TEST_CASE("tshark decrypts the capture of a chat over TLS with its key log") {
    if (!has_tshark()) return;
    const Certificate certificate;
    if (!certificate.made()) return skip("openssl", "openssl");
    const ScratchDirectory directory;
    const std::string keys = directory.file("keys.log");
    RecordedLine talk = said_line();
    talk.scheme = "wss";
    talk.server_options = {"--cert",          certificate.file(), "--key",
                           certificate.key(), "--keylog",         keys};
    talk.client_options = {"--ca", certificate.file()};
    record(directory, talk);
    CHECK((std::filesystem::status(keys).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    for (const std::string name : {"server.pcapng", "client.pcapng"}) {
        const std::string file = directory.file(name);
        const auto packets = read_capture(file);
        const std::string all = captured_bytes(packets, true) + captured_bytes(packets, false);
        CHECK(all.find("Привіт") == std::string::npos);
        const std::string port = packets.front().to.substr(packets.front().to.rfind(':') + 1);
        const std::string shown =
            tshark(file, "tls",
                   {"-o", "tls.keylog_file:" + keys, "-d", "tls.port==" + port + ",http", "-V",
                    "-Y", "websocket.opcode == 1"});
        if (shown.find("User: Привіт") == std::string::npos) fail("the text", shown, "decrypted");
    }
}

TEST_CASE("a key log that cannot be opened is an error") {
    const ScratchDirectory directory;
    const std::string file = directory.file("none/keys.log");
    Program program({path_of(kStep), "server", "--port", "0", "--keylog", file});
    program.expect_exit(1, "before anything else");
    expect_bytes(kStep + ": open " + file + ": No such file or directory\n", program.errors(),
                 "one line");
}

TEST_CASE("a capture holds what the server and its broker say, but for the password") {
    expect_broker_recorded(said_line());
}

TEST_SUITE_END();
