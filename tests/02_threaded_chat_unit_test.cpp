// Unit tests of what 02_threaded_chat is made of.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "02_threaded_chat/hub.hpp"
#include "02_threaded_chat/member.hpp"
#include "common/check.hpp"
#include "common/socket.hpp"
#include "common/thread.hpp"
#include "tests/support/report.hpp"

using namespace threaded_chat;
using lab::test::expect_bytes;

namespace {

// A member, and the other end of its connection, from which nobody has read yet.
struct Pair {
    std::shared_ptr<Member> member;
    lab::FileDescriptor peer;
    explicit Pair(std::size_t queue_limit = 1 << 20) {
        std::array<int, 2> ends{};
        lab::check("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
        peer = lab::FileDescriptor(ends[1]);
        lab::set_nonblocking(ends[1], true);
        // A recv that would wait for ever fails instead, after 10 s.
        const timeval limit{10, 0};
        for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        member = std::make_shared<Member>(lab::FileDescriptor(ends[0]), "peer", queue_limit,
                                          lab::Trace(false));
    }
    // What has arrived, until there is no more just now.
    std::string receive() const {
        std::string all;
        std::array<char, 65536> buffer;
        for (ssize_t count = 0; (count = recv(peer.number(), buffer.data(), buffer.size(), 0)) > 0;)
            all.append(buffer.data(), static_cast<std::size_t>(count));
        return all;
    }
};

std::vector<std::shared_ptr<const Round>> round_of(
    const std::vector<std::pair<std::uint64_t, std::string>>& parts) {
    auto round = std::make_shared<Round>();
    for (const auto& [sender, lines] : parts) round->add(sender, lines);
    return {round};
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a member gets a round without what it said itself") {
    const Pair pair;
    const std::uint64_t self = pair.member->id();
    CHECK_FALSE(pair.member->deliver(
        round_of({{self, "me\n"}, {0, "a\n"}, {self, "me\n"}, {0, "b\n"}, {0, "c\n"}})));
    CHECK_FALSE(pair.member->deliver(round_of({{self, "me\n"}})));
    CHECK_FALSE(pair.member->deliver(round_of({{0, "d\n"}, {self, "me\n"}})));
    expect_bytes("a\nb\nc\nd\n", pair.receive(), "all but its own lines, in order");
}

TEST_CASE("a round of more stretches than one call can send arrives whole") {
    const Pair pair;
    std::vector<std::pair<std::uint64_t, std::string>> parts;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        parts.emplace_back(pair.member->id(), "me\n");
        parts.emplace_back(0, std::to_string(i) + "\n");
        expected += parts.back().second;
    }
    CHECK_FALSE(pair.member->deliver(round_of(parts)));
    expect_bytes(expected, pair.receive(), "go on until nothing is left, or the socket is full");
}

TEST_CASE("what the socket does not take waits and arrives later in order") {
    const Pair pair(64 << 20);
    std::string expected;
    int waits = 0;
    for (int i = 0; i < 200; ++i) {
        const std::string line = std::string(9000, static_cast<char>('a' + i % 26)) + "\n";
        expected += line;
        waits += pair.member->deliver(round_of({{pair.member->id(), "me\n"}, {0, line}})) ? 1 : 0;
    }
    CHECK(waits == 1);  // said once, when the first bytes had to wait
    std::string received = pair.receive();
    while (!pair.member->send_waiting() && received.size() <= expected.size())
        received += pair.receive();
    received += pair.receive();
    expect_bytes(expected, received, "go on at the byte where the last send ended");
}

TEST_CASE("a member that does not read is cut off at its limit") {
    const Pair pair(100'000);
    const auto round = round_of({{0, std::string(10'000, 'x') + "\n"}});
    bool waits = false;
    for (int i = 0; i < 1000; ++i) waits |= pair.member->deliver(round);
    CHECK(waits);
    // Nothing is kept for it any more, and its own thread is woken.
    CHECK(round[0].use_count() == 1);
    char byte = 0;
    CHECK(recv(pair.member->socket(), &byte, 1, 0) == 0);
}

TEST_CASE("a member that does not read is cut off by tiny lines too") {
    // A round of many parts, and many rounds: both take more memory than their bytes.
    for (const auto& [rounds, parts] : {std::pair{50, 1000}, std::pair{20'000, 1}}) {
        const Pair pair(1'000'000);
        bool full = false;
        for (int i = 0; i < 1000 && !full; ++i)
            full = pair.member->deliver(round_of({{0, std::string(10'000, 'x') + "\n"}}));
        REQUIRE(full);
        for (int i = 0; i < rounds; ++i) {
            [[maybe_unused]] const bool waits =
                pair.member->deliver(round_of(std::vector<std::pair<std::uint64_t, std::string>>(
                    static_cast<std::size_t>(parts), {std::uint64_t{0}, "\n"})));
        }
        char byte = 0;
        CHECK(recv(pair.member->socket(), &byte, 1, MSG_DONTWAIT) == 0);
    }
}

TEST_CASE("goodbye sends what waits and the last words before the end of the stream") {
    const Pair pair(64 << 20);
    const std::string line = std::string(900'000, 'x') + "\n";
    [[maybe_unused]] const bool waits = pair.member->deliver(round_of({{0, line}}));
    lab::Thread leaver([&] { pair.member->say_goodbye("error: why\n", std::chrono::seconds(10)); });
    lab::set_nonblocking(pair.peer.number(), false);
    expect_bytes(line + "error: why\n", pair.receive(), "what waits goes first");
    char byte = 0;
    CHECK(recv(pair.peer.number(), &byte, 1, 0) == 0);  // the end of the stream
    shutdown(pair.peer.number(), SHUT_WR);
}

TEST_CASE("the hub gives all members all lines in the same order") {
    Hub hub(500);  // so little room that those who talk have to wait for it now and then
    std::vector<Pair> pairs(8);
    for (const Pair& pair : pairs) hub.join(pair.member);
    constexpr int kLines = 200;
    {
        std::vector<lab::Thread> talkers;
        for (const Pair& pair : pairs) {
            talkers.emplace_back([&] {
                for (int i = 0; i < kLines; ++i)
                    hub.publish(*pair.member, std::to_string(pair.member->id()) + "\n");
            });
        }
    }
    const Pair last;
    hub.join(last.member);
    hub.publish(*last.member, "end\n");
    const auto without = [](const std::string& lines, std::uint64_t id) {
        std::string others;
        for (std::size_t at = 0; at < lines.size();) {
            const std::string line = lines.substr(at, lines.find('\n', at) + 1 - at);
            if (line != std::to_string(id) + "\n") others += line;
            at += line.size();
        }
        return others;
    };
    std::vector<std::string> heard;
    for (const Pair& pair : pairs) {
        lab::set_nonblocking(pair.peer.number(), false);
        std::string all;
        char byte = 0;
        while (!all.ends_with("end\n") && recv(pair.peer.number(), &byte, 1, 0) == 1) all += byte;
        heard.push_back(all);
    }
    for (std::size_t i = 1; i < pairs.size(); ++i)
        CHECK(without(heard[0], pairs[i].member->id()) == without(heard[i], pairs[0].member->id()));
}

TEST_SUITE_END();
