// Unit tests of the bad network of 03_udp.
#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "03_udp/lossy_channel.hpp"
#include "tests/support/report.hpp"

using namespace udp;
using lab::test::expect_bytes;
using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

namespace {

constexpr Time kStart{};
constexpr std::size_t kMiB = 1024 * 1024;

std::vector<std::string> fates_of(const Faults& faults, int count,
                                  std::chrono::milliseconds pause = 0ms) {
    LossyChannel channel(faults, kMiB);
    std::vector<std::string> fates;
    for (int i = 0; i < count; ++i) {
        const Time now = kStart + i * pause;
        while (channel.take(now)) {
        }
        fates.push_back(describe(channel.put("", "", now)));
    }
    return fates;
}

// In milliseconds, so that a failed check can show it.
double ms(std::chrono::duration<double, std::milli> time) {
    return time.count();
}

// Takes what is due at `now`, one after the other.
std::string due_at(LossyChannel& channel, Time now) {
    std::string all;
    while (const auto datagram = channel.take(now)) all += datagram->bytes;
    return all;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

// From the generator's definition, computed by a program of its own in another language: so every
// library and every compiler has to agree.
TEST_CASE("seed 1 gives these fates on every machine") {
    const std::vector<std::string> expected{"sent",
                                            "lost",
                                            "lost",
                                            "sent",
                                            "sent",
                                            "held back, then sent",
                                            "sent",
                                            "sent twice",
                                            "sent",
                                            "lost",
                                            "held back, then sent",
                                            "lost",
                                            "lost",
                                            "sent",
                                            "sent twice",
                                            "held back, then sent twice",
                                            "sent",
                                            "held back, then sent",
                                            "sent",
                                            "held back, then sent"};
    CHECK(fates_of({.loss = 0.3, .duplicate = 0.2, .reorder = 0.3, .seed = 1}, 20) == expected);
    const std::vector<std::string> delayed{"sent after 28.7 ms",
                                           "sent twice after 12.9 and 14.7 ms",
                                           "sent twice after 17.8 and 16.9 ms",
                                           "sent twice after 20.8 and 26.9 ms",
                                           "sent twice after 20.5 and 14.1 ms",
                                           "sent after 10.5 ms"};
    CHECK(fates_of({.duplicate = 0.5, .delay = 10ms, .jitter = 20ms, .seed = 1}, 6) == delayed);
}

TEST_CASE("a fate depends on the seed and the number and on nothing else") {
    const Faults all{.loss = 0.3, .duplicate = 0.2, .reorder = 0.3, .seed = 42};
    const auto fates = fates_of(all, 200);
    CHECK(fates_of(all, 200, 1000ms) == fates);
    Faults other = all;
    other.seed = 43;
    CHECK(fates_of(other, 200) != fates);
    // A datagram that is lost stays lost, whichever other fault is switched off.
    const auto only_loss = fates_of({.loss = 0.3, .seed = 42}, 200);
    for (std::size_t i = 0; i < fates.size(); ++i)
        CHECK((fates[i] == "lost") == (only_loss[i] == "lost"));
}

TEST_CASE("probabilities of 0 and 1 mean never and always") {
    const auto kinds = [](const Faults& faults) {
        const auto fates = fates_of(faults, 10'000);
        return std::set<std::string>(fates.begin(), fates.end());
    };
    CHECK(kinds({}) == std::set<std::string>{"sent"});
    CHECK(kinds({.loss = 1}) == std::set<std::string>{"lost"});
    CHECK(kinds({.duplicate = 1}) == std::set<std::string>{"sent twice"});
    CHECK(kinds({.reorder = 1}) == std::set<std::string>{"held back, then sent", "sent"});
}

TEST_CASE("jitter adds from nothing up to itself to the delay") {
    LossyChannel channel({.delay = 50ms, .jitter = 10ms}, kMiB);
    auto least = 1000000us;
    auto most = 0us;
    for (int i = 0; i < 2000; ++i) {
        const Fate fate = channel.put("", "", kStart);
        if (fate.no_room) break;
        least = std::min(least, fate.delays[0]);
        most = std::max(most, fate.delays[0]);
    }
    CHECK(ms(least) >= 50);
    CHECK(ms(least) < 51);
    CHECK(ms(most) > 59);
    CHECK(ms(most) <= 60);
}

TEST_CASE("a held-back datagram leaves right after the next one") {
    LossyChannel channel({.reorder = 1}, kMiB);
    channel.put("", "1", kStart);
    CHECK(due_at(channel, kStart + 100ms).empty());
    channel.put("", "2", kStart + 100ms);
    channel.put("", "3", kStart + 100ms);
    CHECK(due_at(channel, kStart + 100ms) == "21");
    channel.put("", "4", kStart + 110ms);
    CHECK(due_at(channel, kStart + 110ms) == "43");
    CHECK_FALSE(channel.next_due());
}

TEST_CASE("a datagram that none overtakes leaves after 200 ms") {
    LossyChannel channel({.reorder = 1, .delay = 30ms}, kMiB);
    channel.put("", "1", kStart);
    REQUIRE(channel.next_due());
    CHECK(ms(*channel.next_due() - kStart) == 230);
    CHECK(due_at(channel, kStart + 229ms).empty());
    CHECK(due_at(channel, kStart + 230ms) == "1");
    // The next one overtakes nobody, and that is no harm.
    channel.put("", "2", kStart + 300ms);
    CHECK(due_at(channel, kStart + 330ms) == "2");
}

TEST_CASE("a held-back datagram keeps its own delay and its limit") {
    LossyChannel channel({.reorder = 1, .delay = 300ms}, kMiB);
    channel.put("", "1", kStart);
    channel.put("", "2", kStart + 10ms);
    CHECK(due_at(channel, kStart + 309ms).empty());
    CHECK(due_at(channel, kStart + 310ms) == "21");
    // The one that should overtake it comes too late for that.
    channel.put("", "3", kStart + 1000ms);
    channel.put("", "4", kStart + 1250ms);
    CHECK(due_at(channel, kStart + 1499ms).empty());
    CHECK(due_at(channel, kStart + 1500ms) == "3");
    CHECK(due_at(channel, kStart + 1550ms) == "4");
}

TEST_CASE("both copies of what is held back and doubled are overtaken") {
    LossyChannel channel({.duplicate = 1, .reorder = 1}, kMiB);
    channel.put("", "1", kStart);
    channel.put("", "2", kStart);
    CHECK(due_at(channel, kStart) == "2211");
}

TEST_CASE("destinations come out with their datagrams") {
    LossyChannel channel({.delay = 1ms}, kMiB);
    channel.put("here", "1", kStart);
    channel.put("there", "2", kStart);
    CHECK(channel.take(kStart + 1ms)->destination == "here");
    CHECK(channel.take(kStart + 1ms)->destination == "there");
}

TEST_CASE("the channel keeps no more than it may") {
    const std::size_t cost = 1000 + LossyChannel::kOverhead;
    LossyChannel channel({.reorder = 1, .delay = 10ms}, 2 * cost);
    const std::string bytes(1000, 'x');
    CHECK_FALSE(channel.put("", bytes, kStart).no_room);
    CHECK_FALSE(channel.put("", bytes, kStart).no_room);
    const Fate full = channel.put("", "", kStart);
    CHECK(full.no_room);
    CHECK(describe(full) == "dropped: the queue is full");
    CHECK(due_at(channel, kStart + 10ms).size() == 2000);
    CHECK_FALSE(channel.put("", bytes, kStart + 10ms).no_room);
    CHECK(LossyChannel({}, 10).put("", bytes, kStart).no_room);
}

TEST_SUITE_END();
