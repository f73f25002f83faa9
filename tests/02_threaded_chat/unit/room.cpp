// Unit tests of the room of 02_threaded_chat: who gets what, in which order, and who is cut off.
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "02_threaded_chat/room.hpp"
#include "common/check.hpp"
#include "common/thread.hpp"
#include "tests/support/report.hpp"

using namespace threaded_chat;
using lab::test::expect_bytes;

namespace {

constexpr std::size_t kLarge = 64 << 20;

// A member of the room, and the other end of its connection.
class Guest {
 public:
    Guest(Room& room, std::uint64_t id) : room_(room) {
        std::array<int, 2> ends{};
        lab::check("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
        peer_ = lab::FileDescriptor(ends[1]);
        // A recv that would wait for ever fails instead, after 10 s.
        const timeval limit{10, 0};
        for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        client_ = std::make_shared<const Connection>(
            Connection{id, lab::FileDescriptor(ends[0]), "peer"});
        room_.join(client_);
    }
    ~Guest() {
        peer_ = lab::FileDescriptor();
        room_.leave(*client_, "");
        room_.forget(*client_);
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;

    void say(const std::string& lines) { room_.publish(*client_, lines); }
    void leave(const std::string& last_words) { room_.leave(*client_, last_words); }
    [[nodiscard]] int server_end() const { return client_->socket.number(); }

    // The next bytes that arrive, up to and including `last`; or all of them, if the stream ends.
    [[nodiscard]] std::string receive_until(const std::string& last) const {
        std::string all;
        std::array<char, 65536> buffer;
        while (!all.ends_with(last)) {
            const ssize_t count = recv(peer_.number(), buffer.data(), buffer.size(), 0);
            if (count <= 0) break;
            all.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return all;
    }
    // The next `count` bytes.
    [[nodiscard]] std::string receive(std::size_t count) const {
        std::string all(count, '\0');
        const ssize_t received = recv(peer_.number(), all.data(), count, MSG_WAITALL);
        all.resize(static_cast<std::size_t>(std::max<ssize_t>(0, received)));
        return all;
    }
    [[nodiscard]] bool is_at_end() const {
        char byte = 0;
        return recv(peer_.number(), &byte, 1, 0) == 0;
    }

 private:
    Room& room_;
    std::shared_ptr<const Connection> client_;
    lab::FileDescriptor peer_;
};

// Whether the room has ended the connection, so that the client's thread wakes from its recv.
bool is_cut_off(const Guest& guest) {
    char byte = 0;
    return recv(guest.server_end(), &byte, 1, 0) == 0;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a member gets all but what it said itself") {
    Room room(kLarge, lab::Trace(false));
    Guest ada(room, 1);
    Guest bob(room, 2);
    ada.say("a\n");
    bob.say("b\n");
    ada.say("c\n");
    bob.say("d\n");
    expect_bytes("b\nd\n", ada.receive_until("d\n"), "all but its own lines, in order");
    expect_bytes("a\nc\n", bob.receive_until("c\n"), "all but its own lines, in order");
}

TEST_CASE("a member gets all messages said after its join") {
    Room room(kLarge, lab::Trace(false));
    Guest ada(room, 1);
    ada.say("early\n");
    Guest bob(room, 2);
    ada.say("late\n");
    expect_bytes("late\n", bob.receive_until("\n"), "nothing that was said before");
}

TEST_CASE("more pieces than one call can send arrive whole") {
    Room room(kLarge, lab::Trace(false));
    Guest ada(room, 1);
    Guest bob(room, 2);
    std::string expected;
    for (int i = 0; i < 2000; ++i) {
        ada.say("me\n");
        bob.say(std::to_string(i) + "\n");
        expected += std::to_string(i) + "\n";
    }
    expect_bytes(expected, ada.receive_until("1999\n"), "go on until nothing is left");
}

TEST_CASE("bytes that the socket does not take wait and arrive later in order") {
    Room room(kLarge, lab::Trace(false));
    Guest ada(room, 1);
    Guest bob(room, 2);
    std::string expected;
    for (int i = 0; i < 400; ++i) {
        const std::string line = std::string(9000, static_cast<char>('a' + i % 26)) + "\n";
        expected += line;
        ada.say("me\n");
        bob.say(line);
    }
    bob.say("end\n");
    expect_bytes(expected + "end\n", ada.receive_until("end\n"),
                 "go on at the byte where the last send ended");
}

TEST_CASE("a member that does not read is cut off at its limit") {
    Room room(100'000, lab::Trace(false));
    const Guest never_reads(room, 1);
    Guest bob(room, 2);
    for (int i = 0; i < 1000; ++i) bob.say(std::string(10'000, 'x') + "\n");
    CHECK(is_cut_off(never_reads));
}

TEST_CASE("a member that does not read is cut off by tiny lines too") {
    Room room(1'000'000, lab::Trace(false));
    const Guest never_reads(room, 1);
    Guest bob(room, 2);
    Guest eve(room, 3);
    // Two who take turns: who said which line takes more memory than the line.
    for (int i = 0; i < 300'000; ++i) {
        bob.say("\n");
        eve.say("\n");
        if (i % 1000 == 0) {
            CHECK(bob.receive_until("\n").size() > 0);
            CHECK(eve.receive_until("\n").size() > 0);
        }
    }
    CHECK(is_cut_off(never_reads));
}

TEST_CASE(
    "a member that leaves gets all queued lines and its last words before the end of the stream") {
    Room room(kLarge, lab::Trace(false));
    Guest ada(room, 1);
    Guest bob(room, 2);
    const std::string line = std::string(900'000, 'x') + "\n";
    bob.say(line);
    ada.leave("error: why\n");
    bob.say("too late\n");
    expect_bytes(line + "error: why\n", ada.receive_until("why\n"), "queued bytes go first");
    CHECK(ada.is_at_end());
}

TEST_CASE(
    "a member that leaves and reads slowly gets all although it takes longer than a goodbye") {
    Room room(kLarge, lab::Trace(false));
    Guest ada(room, 1);
    Guest bob(room, 2);
    const std::string line = std::string(5'000'000, 'x') + "\n";
    bob.say(line);
    ada.leave("");
    std::string all;
    // Each pause is a fraction of a goodbye, and all of them are longer than two.
    for (int pause = 0; pause < 12; ++pause) {
        poll(nullptr, 0, 100);
        all += ada.receive(300'000);
    }
    all += ada.receive_until("\n");
    expect_bytes(line, all, "a goodbye is over when nothing has been taken for so long");
    CHECK(ada.is_at_end());
}

TEST_CASE("a member that leaves and does not read is waited for half a second") {
    using Clock = std::chrono::steady_clock;
    Room room(kLarge, lab::Trace(false));
    Guest ada(room, 1);
    Guest bob(room, 2);
    bob.say(std::string(900'000, 'x') + "\n");
    const auto begin = Clock::now();
    ada.leave("");
    CHECK(is_cut_off(ada));
    CHECK(Clock::now() - begin >= Room::kGoodbye);
}

TEST_CASE("all members get all lines in the same order") {
    // The mailbox has so little room that a member who talks has to wait for it now and then.
    Room room(40'000, lab::Trace(false));
    constexpr int kMembers = 8;
    constexpr int kLines = 200;
    std::vector<std::unique_ptr<Guest>> guests;
    for (int id = 0; id < kMembers; ++id)
        guests.push_back(std::make_unique<Guest>(room, static_cast<std::uint64_t>(id)));
    {
        std::vector<lab::Thread> talkers;
        for (int id = 0; id < kMembers; ++id) {
            talkers.emplace_back([&, id] {
                for (int i = 0; i < kLines; ++i)
                    guests[static_cast<std::size_t>(id)]->say(std::to_string(id) + "\n");
            });
        }
    }
    Guest last(room, kMembers);
    last.say("end\n");
    const auto without = [](const std::string& lines, int id) {
        std::string others;
        for (const char byte : lines)
            if (byte != static_cast<char>('0' + id) && byte != '\n') others += byte;
        return others;
    };
    std::vector<std::string> heard;
    for (const auto& guest : guests) heard.push_back(guest->receive_until("end\n"));
    for (int id = 1; id < kMembers; ++id)
        CHECK(without(heard[0], id) == without(heard[static_cast<std::size_t>(id)], 0));
}

TEST_SUITE_END();
