// What --capture of our own 07_longpoll records.
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

const std::string kStep = "07_longpoll";

// A server and a client have captured how one message is said and heard.
void capture_message(const std::string& servers, const std::string& clients,
                     Place place = Place::here()) {
    Server server(kStep, {"--capture", servers}, place);
    Program client(url_client_command(kStep, "http://127.0.0.1:" + server.port(),
                                      {"--name", "Ann", "--capture", clients}),
                   Streams::pipes, place);
    client.write_input("hello\n", place);
    client.expect_output("Ann: hello\n", "the message", place);
    client.end_input();
    client.expect_exit(0, "the end of input leaves", kDeadline, place);
    server.expect_clean_end(place);
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds each request and each answer") {
    const ScratchDirectory directory;
    const std::string servers = directory.file("server.pcapng");
    const std::string clients = directory.file("client.pcapng");
    capture_message(servers, clients);
    const auto heard = read_capture(servers);
    const auto said = read_capture(clients);
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
    capture_message(file, directory.file("client.pcapng"));
    expect_sound_for_tshark(file);
    const std::string shown =
        tshark(file, {"-Y", "http", "-T", "fields", "-e", "http.request.method", "-e",
                      "http.response.code", "-e", "json.value.string"});
    for (const std::string part : {"GET\t\t", "POST\t\t", "\t201\t", "hello"})
        if (shown.find(part) == std::string::npos) fail(part, shown, "HTTP, as tshark sees it");
}

TEST_SUITE_END();
