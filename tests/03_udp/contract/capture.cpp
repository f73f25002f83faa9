// What --capture of our own 03_udp records.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/03_udp/support/datagram.hpp"
#include "tests/03_udp/support/probe.hpp"
#include "tests/support/captured.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "03_udp";
const std::string kLargest(65507, 'x');

// The server, which doubles each datagram, has captured three of them.
void capture_three(const std::string& file, Place place = Place::here()) {
    Server server(kStep, {"--duplicate", "1", "--capture", file}, place);
    DatagramSocket client(server);
    for (const std::string& bytes : {std::string("hello"), std::string(), kLargest}) {
        client.send(bytes, place);
        for (int i = 0; i < 2; ++i) client.expect(bytes, "each comes twice", place);
    }
    server.expect_clean_end(place);
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a capture holds each datagram as often as it was received and sent") {
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    capture_three(file);
    const auto packets = read_capture(file);
    REQUIRE(packets.size() == 9);
    std::size_t i = 0;
    for (const std::string& bytes : {std::string("hello"), std::string(), kLargest}) {
        for (const bool is_sent : {false, true, true}) {
            CAPTURE(i);
            CHECK(packets[i].flags == "U");
            CHECK(packets[i].is_sent == is_sent);
            CHECK(packets[i].payload == bytes);
            CHECK((is_sent ? packets[i].from : packets[i].to) == packets[0].to);
            ++i;
        }
    }
}

TEST_CASE("a capture of a client shows the datagram that is sent again") {
    const ScratchDirectory directory;
    const std::string file = directory.file("client.pcapng");
    DatagramSocket server;
    Program client(
        client_command(kStep, server.port(), {"--reliable", "--timeout", "50", "--capture", file}));
    client.write_input("hello\n");
    const Datagram first = server.receive("the first, which is lost");
    const Datagram again = server.receive("the same again");
    server.send_to(again.sender, again.bytes);
    client.expect_output("hello\n", "the answer");
    client.end_input();
    client.expect_exit(0, "the end of input leaves");
    const auto packets = read_capture(file);
    CHECK(packets.at(0).payload == first.bytes);
    CHECK(packets.at(1).payload == first.bytes);
    CHECK(packets.at(1).is_sent);
    CHECK(captured_bytes(packets, false) == first.bytes);
    CHECK(packets.at(0).to == "127.0.0.1:" + server.port());
}

TEST_CASE("a server bound to all addresses captures peers of IPv4 and IPv6") {
    if (!has_ipv6()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    Server server(kStep, {"--host", "::", "--capture", file});
    for (const std::string host : {"127.0.0.1", "::1"}) {
        Program probe(patient_probe_command(server.port(), {"--host", host, "--count", "1"}));
        end_after_lines(probe, 1);
    }
    server.expect_clean_end();
    const auto packets = read_capture(file);
    REQUIRE(packets.size() == 4);
    CHECK(packets[0].to == "0.0.0.0:" + server.port());
    CHECK(packets[0].from.starts_with("127.0.0.1:"));
    CHECK(packets[2].to == "[::]:" + server.port());
    CHECK(packets[2].from.starts_with("[::1]:"));
}

TEST_CASE("tshark finds nothing wrong in the capture of datagrams") {
    if (!has_tshark()) return;
    const ScratchDirectory directory;
    const std::string file = directory.file("server.pcapng");
    capture_three(file);
    expect_sound_for_tshark(file, "data");
    expect_bytes("13\n13\n13\n8\n8\n8\n65515\n65515\n65515\n",
                 tshark(file, "data", {"-T", "fields", "-e", "udp.length"}), "UDP");
}

TEST_SUITE_END();
