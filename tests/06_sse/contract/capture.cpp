// What --capture of our own 06_sse records.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const RecordedLine kEvent{.step = "06_sse",
                          .scheme = "http",
                          .path = "",
                          .line = "hello",
                          .shown = "Ann: hello",
                          .client_options = {"--name", "Ann"},
                          .server_says = " left\n"};

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds the stream and the request that publishes") {
    const ScratchDirectory directory;
    record(directory, kEvent);
    const auto heard = read_capture(directory.file("server.pcapng"));
    const auto said = read_capture(directory.file("client.pcapng"));
    const auto ports = captured_clients(heard);
    REQUIRE(ports.size() == 2);
    for (const std::string& port : ports) {
        CHECK(captured_bytes(packets_of_port(heard, port), false) ==
              captured_bytes(packets_of_port(said, port), true));
        CHECK(captured_bytes(packets_of_port(heard, port), true) ==
              captured_bytes(packets_of_port(said, port), false));
    }
    const auto stream = packets_of_port(said, ports[0]);
    CHECK(captured_bytes(stream, true).starts_with("GET /events HTTP/1.1\r\n"));
    CHECK(captured_bytes(stream, false).find("data: Ann: hello\n") != std::string::npos);
    CHECK(captured_bytes(packets_of_port(said, ports[1]), true).ends_with("\r\n\r\nhello"));
}

TEST_CASE("tshark shows the requests and the stream of a capture") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    record(directory, kEvent);
    expect_sound_for_tshark(file, "http");
    const std::string shown = tshark(file, "http",
                                     {"-Y", "http", "-T", "fields", "-e", "http.request.method",
                                      "-e", "http.response.code", "-e", "http.content_type"});
    for (const std::string line : {"GET\t\t\n", "POST\t\t", "\t202\t", "\t200\ttext/event-stream"})
        if (shown.find(line) == std::string::npos) fail(line, shown, "HTTP, as tshark sees it");
}

TEST_CASE("a capture holds what the server and its broker say, but for the password") {
    expect_broker_recorded(kEvent);
}

TEST_SUITE_END();
