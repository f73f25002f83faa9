// Tests of the messages in datagrams.
#include "wire/dissect/datagrams.hpp"

#include <doctest/doctest.h>

#include "03_udp/network_order.hpp"
#include "tests/wire/support/talk.hpp"

using namespace lab::test;

namespace {

std::vector<wire::Message> datagrams_in(const std::vector<Said>& talk) {
    std::vector<wire::Message> messages;
    wire::DatagramDissector dissector(
        [&](wire::Message message) { messages.push_back(std::move(message)); });
    std::int64_t second = 0;
    for (const auto& [side, bytes] : talk)
        dissector.take(side, bytes, wire::Time{std::chrono::seconds(second++)});
    return messages;
}

std::string numbered(std::uint32_t number, const std::string& text) {
    return udp::in_network_order(number) + text;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a line in a datagram is its text, also if it is said twice") {
    CHECK(words(datagrams_in({{kClient, "hi"}, {kServer, "hi"}, {kClient, "hi"}, {kClient, ""}})) ==
          "→ datagram: 2 bytes \"hi\"\n← datagram: 2 bytes \"hi\" (an echo)\n"
          "→ datagram: 2 bytes \"hi\"\n→ datagram: 0 bytes\n");
}

TEST_CASE("a numbered line that is sent again is marked, and so is a second echo") {
    const auto messages = datagrams_in({{kClient, numbered(1, "one")},
                                        {kClient, numbered(1, "one")},
                                        {kServer, numbered(1, "one")},
                                        {kServer, numbered(1, "one")},
                                        {kServer, numbered(1, "one")},
                                        {kClient, numbered(2, "two")}});
    CHECK(words(messages) ==
          "→ datagram: number 1, 7 bytes \"one\"\n"
          "→ datagram: number 1, 7 bytes \"one\" (sent for the 2nd time)\n"
          "← datagram: number 1, 7 bytes \"one\" (an echo)\n"
          "← datagram: number 1, 7 bytes \"one\" (an echo)\n"
          "← datagram: number 1, 7 bytes \"one\" (an echo of something that was answered already)\n"
          "→ datagram: number 2, 7 bytes \"two\"\n");
    CHECK(messages[1].mark == wire::Mark::again);
    CHECK(messages[1].after == std::chrono::seconds(1));
    CHECK(fields(messages[0]) == "0+4 sequence number: 00 00 00 01\n4+3 text: one\n");
}

TEST_CASE("a probe shows its session and its number") {
    const std::string session = "\xDE\xAD\xBE\xEF";
    const auto messages = datagrams_in(
        {{kClient, session + numbered(1, "xxxx")}, {kClient, session + numbered(2, "xxxx")}});
    CHECK(words(messages) == "→ datagram: probe 1, 12 bytes\n→ datagram: probe 2, 12 bytes\n");
    CHECK(fields(messages[1]) ==
          "0+4 session: de ad be ef\n4+4 sequence number: 00 00 00 02\n8+4 filling: xxxx\n");
}

TEST_SUITE_END();
