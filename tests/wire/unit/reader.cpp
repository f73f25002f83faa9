// Tests of the way from packets to the messages of connections.
#include "wire/streams/reader.hpp"

#include <doctest/doctest.h>

#include "tests/wire/support/capture.hpp"
#include "tests/wire/support/talk.hpp"

using namespace lab::test;

namespace {

struct Found {
    std::string text;
    std::uint64_t messages = 0;
};

// Reads the packets, and tells connections and messages in words.
Found read(const std::vector<std::string>& packets, wire::Filter filter = {}) {
    Found found;
    wire::Reader reader(
        filter,
        [&](const wire::Connection& connection) {
            found.text += "connection " + std::to_string(connection.number) + " from " +
                          std::to_string(connection.client.port) + "\n";
        },
        [&](const wire::Message& message) {
            found.text += std::to_string(message.connection) + " " + words(message) + "\n";
            ++found.messages;
        });
    std::int64_t time = 0;
    for (const std::string& packet : packets) reader.take(raw_packet(packet, time++));
    reader.finish();
    return found;
}

std::vector<std::string> whole_connection(std::uint16_t port, const std::string& line) {
    const auto size = static_cast<std::uint32_t>(line.size());
    return {tcp_packet({.flags = "S", .sequence = 9, .from = port}),
            tcp_packet({.flags = "SA", .sequence = 99, .from = 8004, .to = port}),
            tcp_packet({.flags = "A", .sequence = 10, .from = port}),
            tcp_packet({.flags = "A", .sequence = 10, .payload = line, .from = port}),
            tcp_packet({.flags = "A", .sequence = 100, .payload = line, .from = 8004, .to = port}),
            tcp_packet({.flags = "FA", .sequence = 10 + size, .from = port}),
            tcp_packet({.flags = "FA", .sequence = 100 + size, .from = 8004, .to = port})};
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a connection is shown from its SYN to its FIN") {
    CHECK(read(whole_connection(50000, "hi\n")).text ==
          "connection 1 from 50000\n1 → TCP: connects (SYN)\n1 ← TCP: accepts (SYN, ACK)\n"
          "1 → line: 3 bytes \"hi\n\"\n1 ← line: 3 bytes \"hi\n\"\n1 → TCP: end of stream (FIN)\n"
          "1 ← TCP: end of stream (FIN)\n");
}

TEST_CASE("the packets of a connection are shown, but those that only acknowledge") {
    CHECK(read(whole_connection(50000, "hi\n"), {.packets = true}).text ==
          "connection 1 from 50000\n1 → TCP: SYN\n1 ← TCP: SYN, ACK\n1 → TCP: ACK\n"
          "1 → TCP: 3 bytes \"hi\n\"\n1 ← TCP: 3 bytes \"hi\n\"\n1 → TCP: FIN\n1 ← TCP: FIN\n");
}

TEST_CASE("the same ports, used again, are another connection") {
    std::vector<std::string> packets = whole_connection(50000, "hi\n");
    for (const std::string& packet : whole_connection(50000, "you\n")) packets.push_back(packet);
    const std::string text = read(packets).text;
    CHECK(text.find("connection 2 from 50000") != std::string::npos);
    CHECK(text.find("2 → line: 4 bytes \"you\n\"") != std::string::npos);
}

TEST_CASE("a capture that lacks the beginning shows the smaller port as the server") {
    CHECK(read({tcp_packet(
                   {.flags = "A", .sequence = 7, .payload = "hi\n", .from = 8004, .to = 50000})})
              .text == "connection 1 from 50000\n1 ← line: 3 bytes \"hi\n\"\n");
}

TEST_CASE("a refused and a broken connection are told") {
    CHECK(read({tcp_packet({.flags = "S"}), tcp_packet({.flags = "RA", .from = 8004, .to = 50000})})
              .text ==
          "connection 1 from 50000\n1 → TCP: connects (SYN)\n1 ← TCP: refused (RST)\n");
    CHECK(
        read({tcp_packet({.flags = "S", .sequence = 9}), tcp_packet({.flags = "S", .sequence = 9}),
              tcp_packet({.flags = "A", .sequence = 10, .payload = "cut"}),
              tcp_packet({.flags = "R", .sequence = 13})})
            .text ==
        "connection 1 from 50000\n1 → TCP: connects (SYN)\n"
        "1 → TCP: connects (SYN) (sent before)\n1 → TCP: reset (RST)\n"
        "1 → line: 3 bytes \"cut\" (it has no line end)\n");
}

TEST_CASE("a filter shows one port, or one connection") {
    std::vector<std::string> packets = whole_connection(50000, "hi\n");
    for (const std::string& packet : whole_connection(50001, "you\n")) packets.push_back(packet);
    CHECK(read(packets).messages == 12);
    CHECK(read(packets, {.port = 50001}).messages == 6);
    CHECK(read(packets, {.port = 8004}).messages == 12);
    CHECK(read(packets, {.port = 1}).messages == 0);
    const Found second = read(packets, {.connection = 2});
    CHECK(second.messages == 6);
    CHECK(second.text.find("connection 1") == std::string::npos);
}

TEST_CASE("the connection that has been silent for longest is forgotten when there are too many") {
    std::vector<std::string> packets;
    for (std::size_t i = 0; i < wire::Reader::kMaxConnections + 1; ++i) {
        packets.push_back(tcp_packet({.flags = "A",
                                      .payload = i == 0 ? "begun" : "x\n",
                                      .from = static_cast<std::uint16_t>(20000 + i)}));
    }
    const std::string text = read(packets).text;
    // Its line is told before the last connection is announced.
    CHECK(text.find("1 → line: 5 bytes \"begun\"") < text.find("connection 4097"));
}

TEST_CASE("packets that are neither TCP nor UDP are counted by reason") {
    wire::Reader reader(
        {}, [](const wire::Connection&) {}, [](const wire::Message&) {});
    reader.take(raw_packet(ipv4_packet(1, "ping")));
    reader.take(raw_packet(ipv4_packet(1, "ping")));
    CHECK(reader.packets() == 2);
    REQUIRE(reader.passed_over().size() == 1);
    CHECK(reader.passed_over().begin()->second == 2);
}

TEST_SUITE_END();
