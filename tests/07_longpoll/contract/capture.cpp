// What --capture of our own 07_longpoll records.
#include <doctest/doctest.h>

#include <string>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const RecordedLine kMessage{.step = "07_longpoll",
                            .scheme = "http",
                            .path = "",
                            .line = "hello",
                            .shown = "Ann: hello",
                            .client_options = {"--name", "Ann"},
                            .settle = [](const Server& server) { longpoll::settle(server); }};

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds each request and each answer") {
    const ScratchDirectory directory;
    record(directory, kMessage);
    const auto heard = read_capture(directory.file("server.pcapng"));
    const auto said = read_capture(directory.file("client.pcapng"));
    const auto ports = captured_clients(said);
    REQUIRE(ports.size() == 2);
    for (const std::string& port : ports) {
        const std::string requests = captured_bytes(packets_of_port(heard, port), false);
        const std::string answers = captured_bytes(packets_of_port(said, port), false);
        CHECK(requests == captured_bytes(packets_of_port(said, port), true));
        CHECK(answers == captured_bytes(packets_of_port(heard, port), true));
        CHECK(answers.starts_with("HTTP/1.1 20"));
    }
    CHECK(captured_bytes(packets_of_port(said, ports[0]), false).find("hello") !=
          std::string::npos);
}

TEST_CASE("tshark shows each request of a capture and its JSON") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    record(directory, kMessage);
    expect_sound_for_tshark(file, "http");
    const std::string shown = tshark(file, "http",
                                     {"-Y", "http", "-T", "fields", "-e", "http.request.method",
                                      "-e", "http.response.code", "-e", "json.value.string"});
    for (const std::string part : {"GET\t\t", "POST\t\t", "\t201\t", "hello"})
        if (shown.find(part) == std::string::npos) fail(part, shown, "HTTP, as tshark sees it");
}

TEST_CASE("a capture holds what the server and its broker say, but for the password") {
    expect_broker_recorded(kMessage);
}

TEST_SUITE_END();
