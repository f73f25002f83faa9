// Unit tests of what waits for many descriptors: each mechanism that this system has does the same.
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/readiness.hpp"

namespace {

using lab::Readiness;

std::vector<Readiness::Mechanism> mechanisms() {
    std::vector<Readiness::Mechanism> all{Readiness::Mechanism::poll};
    if (Readiness::best() != all[0]) all.push_back(Readiness::best());
    return all;
}

// Two ends of a connection.
struct Pair {
    lab::FileDescriptor ours, theirs;
    Pair() {
        std::array<int, 2> ends{};
        lab::check("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
        ours = lab::FileDescriptor(ends[0]);
        theirs = lab::FileDescriptor(ends[1]);
    }
    void say(const std::string& text) const {
        lab::check("send", send(theirs.number(), text.data(), text.size(), 0));
    }
};

// Which of `who` are ready for `events`, without waiting.
int count_ready(Readiness& readiness, const void* who, short events) {
    int count = 0;
    for (const auto& ready : readiness.wait(0))
        if (ready.who == who && (ready.events & events)) ++count;
    return count;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a descriptor is ready when it can be read and again until it was read") {
    for (const auto mechanism : mechanisms()) {
        const auto readiness = Readiness::make(mechanism);
        Pair pair;
        readiness->add(pair.ours.number(), POLLIN, &pair);
        CHECK(readiness->wait(0).empty());
        pair.say("x");
        CHECK(count_ready(*readiness, &pair, POLLIN) == 1);
        CHECK(count_ready(*readiness, &pair, POLLIN) == 1);
        char byte = 0;
        REQUIRE(recv(pair.ours.number(), &byte, 1, 0) == 1);
        CHECK(readiness->wait(0).empty());
    }
}

TEST_CASE("the awaited events can be changed and taken back") {
    for (const auto mechanism : mechanisms()) {
        const auto readiness = Readiness::make(mechanism);
        Pair pair;
        pair.say("x");
        readiness->add(pair.ours.number(), POLLOUT, &pair);
        CHECK(count_ready(*readiness, &pair, POLLOUT) == 1);
        CHECK(count_ready(*readiness, &pair, POLLIN) == 0);
        readiness->change(pair.ours.number(), POLLIN, &pair);
        CHECK(count_ready(*readiness, &pair, POLLOUT) == 0);
        CHECK(count_ready(*readiness, &pair, POLLIN) == 1);
        readiness->change(pair.ours.number(), 0, &pair);
        CHECK(readiness->wait(0).empty());
        readiness->change(pair.ours.number(), POLLIN, &pair);
        readiness->remove(pair.ours.number());
        CHECK(readiness->wait(0).empty());
    }
}

TEST_CASE("a peer that is gone is reported") {
    for (const auto mechanism : mechanisms()) {
        const auto readiness = Readiness::make(mechanism);
        Pair pair;
        readiness->add(pair.ours.number(), POLLIN, &pair);
        pair.theirs = lab::FileDescriptor();
        CHECK(count_ready(*readiness, &pair, POLLIN | POLLHUP) == 1);
    }
}

TEST_CASE("of many descriptors those that are ready are told although others were removed") {
    for (const auto mechanism : mechanisms()) {
        const auto readiness = Readiness::make(mechanism);
        std::vector<Pair> pairs(400);
        for (Pair& pair : pairs) readiness->add(pair.ours.number(), POLLIN, &pair);
        for (std::size_t i = 0; i < pairs.size(); i += 2) readiness->remove(pairs[i].ours.number());
        for (const Pair& pair : pairs) pair.say("x");
        std::vector<bool> told(pairs.size());
        // One call may tell of a part of them, and goes on to tell of those that were not read.
        for (std::size_t round = 0; round < 4; ++round) {
            for (const auto& [who, events] : readiness->wait(0)) {
                const auto place = static_cast<std::size_t>(static_cast<Pair*>(who) - pairs.data());
                told[place] = true;
                char byte = 0;
                recv(pairs[place].ours.number(), &byte, 1, MSG_DONTWAIT);
            }
        }
        for (std::size_t i = 0; i < pairs.size(); ++i) CHECK(told[i] == (i % 2 == 1));
    }
}

TEST_CASE("a wait ends when its time is over") {
    for (const auto mechanism : mechanisms()) {
        const auto readiness = Readiness::make(mechanism);
        const Pair pair;
        readiness->add(pair.ours.number(), POLLIN, nullptr);
        CHECK(readiness->wait(10).empty());
    }
}

TEST_CASE("a mechanism that this system has not is refused") {
    const auto other = Readiness::best() == Readiness::Mechanism::kqueue
                           ? Readiness::Mechanism::epoll
                           : Readiness::Mechanism::kqueue;
    CHECK_THROWS_AS(Readiness::make(other), std::invalid_argument);
}

TEST_SUITE_END();
