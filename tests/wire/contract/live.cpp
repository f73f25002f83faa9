// Tests of the live page: a server for this machine alone.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "tests/support/commands.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"
#include "tests/wire/support/capture.hpp"

using namespace lab::test;

namespace {

const CaptureFormat kFormat;

std::string line(std::uint32_t number, const std::string& text) {
    return kFormat.packet(tcp_packet({.flags = "A", .sequence = number, .payload = text + "\n"}));
}

// Waits for a line of the stream that holds `text`.
void expect_line(Connection& stream, const std::string& text, const std::string& hint) {
    std::string received;
    while (received.find(text) == std::string::npos) received = stream.receive_line(hint);
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("the live page shows what is in the file and what comes later") {
    const ScratchDirectory directory;
    const std::string name = directory.file("live.pcap");
    std::ofstream file(name);
    file << kFormat.begin() << line(1, "first") << std::flush;
    Server server({path_of("wire"), name, "--live", "0"});
    const HttpResponse page =
        expect_status(server, http_request("GET", "/"), 200, "to show the page");
    CHECK(page.body.find("The wire, live") != std::string::npos);
    Connection events(server);
    events.send(http_request("GET", "/events"));
    expect_line(events, R"("title":"6 bytes","text":"\"first\\n\"")", "for the first line");
    file << line(7, "later") << std::flush;
    expect_line(events, R"("text":"\"later\\n\"")", "for what was added to the file");
    server.expect_clean_end();
}

TEST_CASE("the live page is for pages and programs of this machine alone") {
    const ScratchDirectory directory;
    const std::string name = directory.file("live.pcap");
    std::ofstream(name) << kFormat.begin();
    Server server({path_of("wire"), name, "--live", "0"});
    const std::string foreign = "GET /events HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    expect_status(server, foreign, 403, "for a name that is not this machine's");
    expect_status(server, http_request("GET", "/events", "Origin: http://evil.example\r\n"), 403,
                  "for a page of another site");
    expect_status(server, http_request("POST", "/events", "", "x"), 405, "since nothing is taken");
    expect_status(server, http_request("GET", "/none"), 404, "since there is no such file");
}

TEST_SUITE_END();
