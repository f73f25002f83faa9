// Unit tests of the room of 05_ws_chat: frames, as they wait for the members.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "05_ws_chat/room.hpp"
#include "tests/04_handshake/support/raw_frames.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/report.hpp"

using namespace ws_chat;
using lab::test::expect_bytes;
using lab::test::from_server;
using lab::test::text_of;

namespace {

constexpr int kWholeText = 0x81, kWholeBinary = 0x82, kBinaryBegins = 0x02, kMiddle = 0x00,
              kLast = 0x80;

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a room keeps frames as a server sends them one after the other") {
    Room room;
    const Position begin = room.end();
    CHECK(room.unread(begin).empty());
    room.publish(true, "Ada: hi");
    room.publish(false, "");
    room.publish(true, text_of(126));
    const std::string all = from_server(kWholeText, "Ada: hi") + from_server(kWholeBinary, "") +
                            from_server(kWholeText, text_of(126));
    expect_bytes(all, room.unread(begin), "framed once, unmasked");
    CHECK(room.size() == all.size());
    CHECK(room.end() == begin + all.size());
    CHECK(room.unread(room.end()).empty());
}

TEST_CASE("a room gives whole frames and at most one write of them") {
    Room room;
    std::string all;
    for (std::size_t i = 0; i < 100; ++i) {
        room.publish(true, text_of(i * 37));
        all += from_server(kWholeText, text_of(i * 37));
    }
    std::string read;
    for (Position at = 0; at < room.end();) {
        const std::string_view frames = room.unread(at);
        REQUIRE_FALSE(frames.empty());
        CHECK(frames.size() <= Room::kMaxWrite);
        // Where a write begins, so does a frame.
        CHECK(frames[0] == static_cast<char>(kWholeText));
        read += frames;
        at += frames.size();
    }
    expect_bytes(all, read, "nothing is lost between two writes");
}

TEST_CASE("a message longer than a write is cut into frames that each fit one") {
    for (const std::size_t size : {65'531U, 65'532U, 65'533U, 131'064U, 131'065U, 1U << 20}) {
        Room room;
        const std::string message = text_of(size);
        room.publish(false, message);
        room.publish(true, "next");
        std::string expected;
        constexpr std::size_t kPiece = Room::kMaxWrite - 4;
        for (std::size_t at = 0; at < size; at += kPiece) {
            const bool last = at + kPiece >= size;
            expected += from_server(
                at == 0 ? (last ? kWholeBinary : kBinaryBegins) : (last ? kLast : kMiddle),
                message.substr(at, kPiece));
        }
        expected += from_server(kWholeText, "next");
        std::string read;
        while (read.size() < expected.size()) {
            const std::string_view frames = room.unread(read.size());
            REQUIRE_FALSE(frames.empty());
            REQUIRE(frames.size() <= Room::kMaxWrite);
            read += frames;
        }
        expect_bytes(expected, read, "others' control frames may come between two of them");
    }
}

TEST_CASE("a room forgets messages that everybody has received and positions stay good") {
    Room room;
    const std::string message = text_of(60'000);
    const std::string frame = from_server(kWholeText, message);
    Position behind = room.end();
    for (int i = 0; i < 1000; ++i) {
        room.publish(true, message);
        expect_bytes(frame, room.unread(room.end() - frame.size()), "the last one");
        if (i < 20) continue;
        expect_bytes(frame, room.unread(behind), "a member that is twenty messages behind");
        behind += frame.size();
        room.forget(behind);
        CHECK(room.size() == room.end() - behind);
        CHECK(room.size() == 20 * frame.size());
    }
    room.forget(room.end());
    CHECK(room.size() == 0);
    CHECK(room.end() == 1000 * frame.size());
    room.publish(true, "next");
    expect_bytes(from_server(kWholeText, "next"), room.unread(1000 * frame.size()), "go on");
}

TEST_SUITE_END();
