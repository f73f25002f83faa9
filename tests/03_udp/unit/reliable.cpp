// Unit tests of what makes the client of 03_udp reliable.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "03_udp/network_order.hpp"
#include "03_udp/retransmission_timer.hpp"
#include "03_udp/stop_and_wait.hpp"

using namespace udp;
using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

namespace {

constexpr Time kStart{};

// In milliseconds, so that a failed check can show it.
double ms(std::chrono::duration<double, std::milli> time) {
    return time.count();
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("numbers stand in datagrams with their highest byte first") {
    CHECK(in_network_order(0x01020304) == "\x01\x02\x03\x04");
    CHECK(in_network_order(0xFFFEFDFC) == "\xff\xfe\xfd\xfc");
    CHECK(from_network_order("\xff\xfe\xfd\xfc") == 0xFFFEFDFC);
}

TEST_CASE("the retransmission timeout follows RFC 6298") {
    RetransmissionTimer timer(1000ms);
    CHECK(ms(timer.timeout()) == 1000);
    timer.measured(100ms);  // SRTT 100, RTTVAR 50
    CHECK(ms(timer.timeout()) == 300);
    timer.measured(200ms);  // RTTVAR 3/4 50 + 1/4 100 = 62.5, SRTT 7/8 100 + 1/8 200 = 112.5
    CHECK(ms(timer.timeout()) == 362.5);
    timer.measured(100ms);  // RTTVAR 3/4 62.5 + 1/4 12.5 = 50, SRTT 7/8 112.5 + 1/8 100 = 110.9375
    CHECK(ms(timer.timeout()) == 310.937);
    for (int i = 0; i < 200; ++i) timer.measured(100ms);
    // The variation is gone: SRTT and the clock's granularity remain.
    CHECK(ms(timer.timeout()) >= 101);
    CHECK(ms(timer.timeout()) < 102);
}

TEST_CASE("the retransmission timeout has a least and a most") {
    RetransmissionTimer timer(1000ms);
    timer.measured(50us);
    CHECK(ms(timer.timeout()) == 10);
    timer.measured(200s);
    CHECK(ms(timer.timeout()) == 60'000);
}

TEST_CASE("a back-off doubles and ends with the next measurement") {
    RetransmissionTimer timer(1000ms);
    for (const double expected : {2e3, 4e3, 8e3, 16e3, 32e3, 60e3, 60e3}) {
        timer.back_off();
        CHECK(ms(timer.timeout()) == expected);
    }
    timer.measured(100ms);
    CHECK(ms(timer.timeout()) == 300);
}

TEST_CASE("a datagram sent once measures the round trip") {
    StopAndWait sender(1000ms, 5);
    sender.start("one", kStart);
    CHECK(sender.datagram() == std::string("\0\0\0\1one", 7));
    CHECK(ms(sender.deadline() - kStart) == 1000);
    CHECK(sender.acknowledges(sender.datagram(), kStart + 100ms));
    sender.start("two", kStart + 200ms);
    CHECK(sender.datagram() == std::string("\0\0\0\2two", 7));
    CHECK(ms(sender.deadline() - kStart) == 500);  // 100 + 4 * 50
}

TEST_CASE("a datagram sent twice measures nothing and keeps the back-off: Karn") {
    StopAndWait sender(100ms, 5);
    sender.start("one", kStart);
    CHECK(sender.retransmit(kStart + 100ms));
    CHECK(ms(sender.deadline() - kStart) == 300);
    CHECK(sender.acknowledges(sender.datagram(), kStart + 101ms));
    sender.start("two", kStart + 1000ms);
    CHECK(ms(sender.deadline() - kStart) == 1200);
    CHECK(sender.acknowledges(sender.datagram(), kStart + 1020ms));
    sender.start("three", kStart + 2000ms);
    CHECK(ms(sender.deadline() - kStart) == 2060);  // 20 + 4 * 10
}

TEST_CASE("a back-off is carried over to the next line up to a second or the estimate") {
    RetransmissionTimer timer(100ms);
    for (int i = 0; i < 6; ++i) timer.back_off();
    CHECK(ms(timer.timeout()) == 6400);
    timer.start();
    CHECK(ms(timer.timeout()) == 1000);
    timer.measured(2000ms);
    CHECK(ms(timer.timeout()) == 6000);
    timer.back_off();
    timer.start();
    CHECK(ms(timer.timeout()) == 6000);
    RetransmissionTimer patient(3000ms);
    patient.back_off();
    patient.start();
    CHECK(ms(patient.timeout()) == 3000);
}

TEST_CASE("a line that was sent many times does not make the next one wait for long") {
    StopAndWait sender(100ms, 20);
    sender.start("one", kStart);
    for (int i = 0; i < 8; ++i) CHECK(sender.retransmit(kStart));
    CHECK(ms(sender.deadline() - kStart) == 25'600);
    CHECK(sender.acknowledges(sender.datagram(), kStart));
    sender.start("two", kStart);
    CHECK(ms(sender.deadline() - kStart) == 1000);
}

TEST_CASE("only the echo of the datagram under way acknowledges it") {
    StopAndWait sender(1000ms, 5);
    sender.start("same", kStart);
    const std::string first = sender.datagram();
    CHECK(sender.acknowledges(first, kStart + 1ms));
    sender.start("same", kStart + 2ms);
    CHECK_FALSE(sender.acknowledges(first, kStart + 3ms));
    CHECK_FALSE(sender.acknowledges("", kStart + 3ms));
    CHECK_FALSE(sender.acknowledges(sender.datagram() + "x", kStart + 3ms));
    CHECK(sender.acknowledges(sender.datagram(), kStart + 3ms));
}

TEST_CASE("retransmissions end after as many as are allowed") {
    StopAndWait sender(10ms, 2);
    sender.start("one", kStart);
    CHECK(sender.retransmit(sender.deadline()));
    CHECK(sender.retransmit(sender.deadline()));
    CHECK_FALSE(sender.retransmit(sender.deadline()));
    CHECK(sender.attempts() == 3);
    StopAndWait once(10ms, 0);
    once.start("one", kStart);
    CHECK_FALSE(once.retransmit(once.deadline()));
}

TEST_SUITE_END();
