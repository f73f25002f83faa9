// Tests of the parser of capture files.
#include "wire/capture_file/capture_parser.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/pieces.hpp"
#include "tests/wire/support/capture.hpp"

using namespace lab::test;
using wire::CaptureParser;
using Result = CaptureParser::Result;

namespace {

struct Outcome {
    std::vector<wire::Packet> packets;
    std::string error;
};

Outcome parse(std::string_view file, std::size_t size, std::size_t longest = 1000) {
    CaptureParser parser(longest);
    Outcome outcome;
    Result result = Result::need_more;
    for (std::string_view piece : in_pieces(file, size)) {
        while ((result = parser.parse(piece)) == Result::packet)
            outcome.packets.push_back(parser.packet());
        if (result == Result::bad) break;
    }
    if (result != Result::bad) result = parser.finish();
    if (result == Result::bad) outcome.error = parser.error();
    return outcome;
}

std::vector<CaptureFormat> formats() {
    std::vector<CaptureFormat> all;
    for (const bool next_generation : {false, true}) {
        for (const bool big_endian : {false, true}) {
            all.push_back({next_generation, big_endian, false, 101});
            all.push_back({next_generation, big_endian, true, 101});
        }
    }
    return all;
}

// The error of a pcapng file with this block behind its interface.
std::string error_of(std::string_view block) {
    return parse(CaptureFormat{.next_generation = true}.begin() + std::string(block), 7).error;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the packets of pcap and pcapng come out in both byte orders, however the file is cut") {
    constexpr std::uint64_t kTime = 1'700'000'000'123'456'000;
    for (const CaptureFormat& format : formats()) {
        const std::string file = format.begin() + format.packet("first", kTime) +
                                 format.packet("", kTime + 1000) + format.packet("third", 0);
        for (const std::size_t size : {file.size(), file.size() / 2 + 1, std::size_t{1}}) {
            CAPTURE(format.next_generation);
            CAPTURE(format.big_endian);
            CAPTURE(format.nanoseconds);
            const Outcome outcome = parse(file, size);
            CHECK(outcome.error.empty());
            REQUIRE(outcome.packets.size() == 3);
            CHECK(outcome.packets[0].bytes == "first");
            CHECK(outcome.packets[0].time.time_since_epoch().count() ==
                  static_cast<std::int64_t>(kTime));
            CHECK(outcome.packets[0].link_type == 101);
            CHECK(outcome.packets[1].bytes.empty());
            CHECK(outcome.packets[1].time.time_since_epoch().count() ==
                  static_cast<std::int64_t>(kTime) + 1000);
            CHECK(outcome.packets[2].bytes == "third");
        }
    }
}

TEST_CASE("a file that is cut anywhere gives the packets before the cut, and an error") {
    for (const CaptureFormat& format : formats()) {
        const std::string begin = format.begin() + format.packet("first");
        const std::string file = begin + format.packet("second");
        for (std::size_t size = begin.size() + 1; size < file.size(); ++size) {
            const Outcome outcome = parse(std::string_view(file).substr(0, size), 16);
            CHECK(outcome.packets.size() == 1);
            CHECK(outcome.error.find("the file ends within") != std::string::npos);
        }
        for (std::size_t size = 0; size < format.begin().size(); ++size) {
            // Between two blocks of pcapng a file may end.
            const bool between = format.next_generation && size == 28;
            CHECK(parse(std::string_view(file).substr(0, size), 16).error.empty() == between);
        }
    }
}

TEST_CASE("what is no capture file is refused at its first bytes") {
    CHECK(parse("", 1).error.find("empty") != std::string::npos);
    CHECK(parse("GET / HTTP/1.1\r\n", 3).error.find("no capture file") != std::string::npos);
    CHECK(parse(std::string(100, '\0'), 3).error.find("no capture file") != std::string::npos);
}

TEST_CASE("a packet that says it is too long is refused before any of it is kept") {
    const CaptureFormat pcap;
    for (const std::uint64_t size : {std::uint64_t{1001}, std::uint64_t{0xFFFFFFFF}}) {
        const std::string header = number_in_bytes(0, 8) + number_in_bytes(size, 4, false) +
                                   number_in_bytes(size, 4, false);
        CHECK(parse(pcap.begin() + header, 5).error.find("too many") != std::string::npos);
    }
}

TEST_CASE("blocks of pcapng that lie about lengths are refused") {
    const CaptureFormat format{.next_generation = true};
    const auto u32 = [](std::uint64_t number) { return number_in_bytes(number, 4, false); };
    for (const std::uint64_t size : {0U, 4U, 8U, 13U, 0x7FFFFFFFU})
        CHECK(error_of(u32(6) + u32(size) + u32(0)).find("cannot be") != std::string::npos);
    CHECK(error_of(u32(6) + u32(0x40000000) + u32(0)).find("too many") != std::string::npos);
    CHECK(error_of(u32(1) + u32(20) + u32(0) + u32(0) + u32(24)).find("differ") !=
          std::string::npos);
    CHECK(error_of(format.block(6, std::string(16, '\0'))).find("too short") != std::string::npos);
    CHECK(error_of(format.block(1, "1234")).find("too short") != std::string::npos);
    CHECK(error_of(format.block(3, "")).find("too short") != std::string::npos);
    CHECK(error_of(format.block(6, u32(1) + u32(0) + u32(0) + u32(0) + u32(0)))
              .find("does not describe") != std::string::npos);
    CHECK(error_of(format.block(6, u32(0) + u32(0) + u32(0) + u32(5) + u32(5) + "1234"))
              .find("longer than its block") != std::string::npos);
    CHECK(error_of(format.block(1, u32(101) + u32(0) + u32(0x00FF0002)))
              .find("longer than its block") != std::string::npos);
}

TEST_CASE("blocks that do not matter are passed over, whatever their length, without being kept") {
    const CaptureFormat format{.next_generation = true};
    CaptureParser parser(1000);
    std::string begin = format.begin() + number_in_bytes(0xBAD, 4, false) +
                        number_in_bytes(0x10000000, 4, false) + number_in_bytes(0, 4);
    std::string_view input = begin;
    CHECK(parser.parse(input) == Result::need_more);
    const std::string nothing(1 << 20, '\0');
    for (int i = 0; i < 256; ++i) {
        input = nothing;
        if (i == 255) input.remove_suffix(12);
        REQUIRE(parser.parse(input) == Result::need_more);
    }
    const std::string end = format.packet("behind it");
    input = end;
    REQUIRE(parser.parse(input) == Result::packet);
    CHECK(parser.packet().bytes == "behind it");
}

TEST_CASE("a simple packet block has no time, and a new section has interfaces of its own") {
    const CaptureFormat little{.next_generation = true};
    const CaptureFormat big{.next_generation = true, .big_endian = true, .link_type = 1};
    const std::string simple = little.block(3, number_in_bytes(3, 4, false) + "abc");
    const Outcome outcome = parse(little.begin() + simple + big.begin() + big.packet("def"), 3);
    CHECK(outcome.error.empty());
    REQUIRE(outcome.packets.size() == 2);
    CHECK(outcome.packets[0].bytes == "abc");
    CHECK(outcome.packets[0].time.time_since_epoch().count() == 0);
    CHECK(outcome.packets[1].link_type == 1);
}

TEST_SUITE_END();
