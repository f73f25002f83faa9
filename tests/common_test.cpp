// Unit tests of common/.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "common/address.hpp"
#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/milliseconds.hpp"
#include "common/name.hpp"
#include "common/number.hpp"
#include "common/socket.hpp"
#include "common/terminal_text.hpp"
#include "common/typed_lines.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/without_ipv6.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

bool is_open(int descriptor) {
    return fcntl(descriptor, F_GETFD) >= 0;
}

// Listens at `host`, whose address begins with `address`, connects to it, and cannot listen twice.
void check_sockets(const std::string& host, const std::string& address) {
    const lab::FileDescriptor listener = lab::listen_on(host, "0");
    const std::string bound = lab::local_address(listener.number());
    const std::string port = bound.substr(bound.rfind(':') + 1);
    CHECK(bound == address + port);
    CHECK(lab::peer_address(lab::connect_to(host, port).number()) == bound);
    const std::string taken = "bind " + bound + ": Address already in use";
    CHECK_THROWS_WITH_AS(lab::listen_on(host, port), taken.c_str(), std::system_error);
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("visible shows text as it is and all else by its number") {
    using lab::visible;
    CHECK(visible("hello\r\n") == R"("hello\r\n")");
    CHECK(visible("Привіт 👋") == R"("Привіт 👋")");
    CHECK(visible("a\\b") == R"("a\\b")");
    CHECK(visible("\x1b[2J\t\x7f\0"s) == R"("\x1b[2J\x09\x7f\x00")");
    CHECK(visible("\xff\xd0") == R"("\xff\xd0")");
    CHECK(visible("\xc2\x9b") == R"("\xc2\x9b")");  // U+009B begins an escape sequence too
    CHECK(visible("") == R"("")");
}

TEST_CASE("visible cuts what is long and never within a character") {
    CHECK(lab::visible("12345", 5) == R"("12345")");
    CHECK(lab::visible("123456", 5) == "\"12345…");
    CHECK(lab::visible("1234п", 5) == "\"1234…");
}

TEST_CASE("only whole and valid UTF-8 characters are found") {
    using lab::utf8_character;
    CHECK(utf8_character("a") == 1);
    CHECK(utf8_character("пр") == 2);
    CHECK(utf8_character("€") == 3);
    CHECK(utf8_character("👋") == 4);
    CHECK(utf8_character("\xf4\x8f\xbf\xbf") == 4);  // U+10FFFF, the last one
    for (const char* bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xd0", "\xe2\x82", "\xf0\x9f\x91", "\xd0 "})
        CHECK(utf8_character(bad) == 0);
    CHECK(utf8_character("") == 0);
}

TEST_CASE("text for a terminal keeps its lines and loses its power") {
    CHECK(lab::without_controls("a\tб\n") == "a\tб\n");
    CHECK(lab::without_controls("\x1b]0;x\x07\r") == R"(\x1b]0;x\x07\r)");
    CHECK(lab::without_controls("\xc2\x9bm \x9bm \x7f") == R"(\xc2\x9bm \x9bm \x7f)");
    CHECK(lab::without_controls("\u2028\u2029") == R"(\xe2\x80\xa8\xe2\x80\xa9)");
    CHECK(lab::without_controls("a\u202Eb") == R"(a\xe2\x80\xaeb)");
    CHECK(lab::without_controls("\u2067\u200F\u061C") == R"(\xe2\x81\xa7\xe2\x80\x8f\xd8\x9c)");
    CHECK(lab::without_controls("👩‍🚀 שלום") ==
          "👩‍🚀 שלום");  // joined by U+200D
}

TEST_CASE("a stranger's message is one line, for a terminal and for a program that reads") {
    CHECK(lab::one_line("hi\r\nAlice: yes\t\x1b") == R"(hi\r\nAlice: yes)"
                                                     "\t"
                                                     R"(\x1b)");
    CHECK(lab::one_line("hi\nAlice: yes\x1b", false) == R"(hi\nAlice: yes)"
                                                        "\x1b");
    CHECK(lab::spoken("Bob: hi\nAlice: yes", false) == R"(Bob: hi\nAlice: yes)");
    CHECK(lab::spoken("Bob: hi", true) == "Bob: hi");
    CHECK(lab::spoken("דוד: hi", true) == "\u2068דוד\u2069: hi");
    CHECK(lab::spoken("דוד: hi", false) == "דוד: hi");
    CHECK(lab::spoken("nobody says it", true) == "nobody says it");
    CHECK(lab::spoken("a\u202Eb: hi", true) == R"(a\xe2\x80\xaeb: hi)");
}

TEST_CASE("a stream for a terminal keeps its characters whole and isolates names") {
    const std::string lines = "Bob: hi \xc2\x9b \x9b\nДід: \u20ac\nדוד: 👋 b: c\n\xf0\x9f";
    const std::string shown = R"(Bob: hi \xc2\x9b \x9b)"
                              "\n\u2068Дід\u2069: \u20ac\n\u2068דוד\u2069: 👋 b: c\n"
                              R"(\xf0\x9f)";
    for (const std::size_t half : {lines.size(), lines.find("\x9b"), lines.find("\x82"),
                                   lines.find("\x91"), lines.find("hi")}) {
        lab::TerminalText text;
        std::string taken = text.take(lines.substr(0, half));
        taken += text.take(lines.substr(half));
        CHECK(taken + text.finish() == shown);
    }
}

TEST_CASE("only the word exit is the word exit") {
    for (const std::string& word : {"exit"s, "EXIT"s, "eXit"s}) CHECK(lab::says_exit(word));
    for (const std::string& word : {""s, "exit\0 or not"s, "exit\0"s, "exit "s, "exi"s})
        CHECK_FALSE(lab::says_exit(word));
}

TEST_CASE("a file descriptor is closed once by its last owner and not handed to other programs") {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    {
        lab::FileDescriptor first(ends[0]);
        CHECK((fcntl(ends[0], F_GETFD) & FD_CLOEXEC) != 0);
        lab::FileDescriptor second(std::move(first));
        CHECK(second.number() == ends[0]);
        second = lab::FileDescriptor(ends[1]);
        CHECK_FALSE(is_open(ends[0]));
        CHECK(is_open(ends[1]));
        // The number is free, and soon another's: who owned it once must not close it again.
        REQUIRE(dup2(ends[1], ends[0]) == ends[0]);
    }
    CHECK_FALSE(is_open(ends[1]));
    CHECK(is_open(ends[0]));
    close(ends[0]);
}

TEST_CASE("a failed call becomes an exception with its name and reason") {
    CHECK(lab::check("call", 5) == 5);
    errno = ECONNREFUSED;
    CHECK_THROWS_WITH_AS(lab::check("connect 127.0.0.1:1", -1),
                         "connect 127.0.0.1:1: Connection refused", std::system_error);
}

TEST_CASE("addresses are written with their port and IPv6 in brackets") {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(80);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(lab::to_string(reinterpret_cast<sockaddr*>(&v4), sizeof v4) == "127.0.0.1:80");
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(80);
    v6.sin6_addr = in6addr_loopback;
    CHECK(lab::to_string(reinterpret_cast<sockaddr*>(&v6), sizeof v6) == "[::1]:80");
    CHECK(lab::peer_address(-1) == "?");
}

TEST_CASE("sockets listen and connect on an IPv4 address and say what they cannot") {
    check_sockets("127.0.0.1", "127.0.0.1:");
}

TEST_CASE("sockets listen and connect on an IPv6 address and say what they cannot") {
    if (lab::test::has_ipv6()) check_sockets("::1", "[::1]:");
}

TEST_CASE("without IPv6 the other addresses of a host are tried and tell why they failed") {
    check_sockets(lab::test::kIpv6First, "127.0.0.1:");
    check_sockets(lab::test::kIpv6Last, "127.0.0.1:");
}

TEST_CASE("a datagram socket connects where nobody listens and knows its own kind") {
    const lab::FileDescriptor client = lab::connect_to("127.0.0.1", "9", SOCK_DGRAM);
    int type = 0;
    socklen_t length = sizeof type;
    REQUIRE(getsockopt(client.number(), SOL_SOCKET, SO_TYPE, &type, &length) == 0);
    CHECK(type == SOCK_DGRAM);
    CHECK(lab::peer_address(client.number()) == "127.0.0.1:9");
}

TEST_CASE("a name is UTF-8 of 1 to 32 characters, one of them visible, and none that controls") {
    std::string waves;
    for (int i = 0; i < 32; ++i) waves += "👋";
    for (const std::string& good :
         {"A"s, "a "s, "é"s, "e\u0301"s, "👩\u200D🚀"s, "דוד"s, "Ада Лавлейс"s, std::string(32, 'x'),
          waves, "<img onerror>"s, "\xc2\xa0x"s})
        CHECK_MESSAGE(lab::is_name(good), good);
    for (const std::string& bad :
         {""s, std::string(33, 'x'), waves + "x", "a\nb"s, "a\rb"s, "a\tb"s, "\x1b[2J"s, "\x7f"s,
          "a\0b"s, "\xc2\x85"s, "\xff"s, "a\xd0"s, "\xc0\x80"s, "\xed\xa0\x80"s,
          // They turn what stands around them, or end the line.
          "a\u202A"s, "a\u202E"s, "a\u2066"s, "a\u2069"s, "a\u200E"s, "a\u200F"s, "a\u061C"s,
          "a\u2028"s, "a\u2029"s,
          // Nothing can be seen.
          " "s, "\u00A0"s, "\u200B"s, "\u200C\u200D"s, "\u2060"s, "\uFEFF"s, "\u3164"s, "\u115F"s,
          "\u1160"s, "\uFFA0"s, "\u2800"s, "\u0301\u0302"s, "\uFE0F"s, "\u3000 \u2003"s})
        CHECK_FALSE_MESSAGE(lab::is_name(bad), bad);
}

TEST_CASE("a number is the whole of a text and none that is too large") {
    CHECK(lab::number_in<std::int64_t>("-7") == -7);
    CHECK(lab::number_in<std::uint8_t>("fF", 16) == 255);
    for (const char* const wrong : {"", " 7", "7 ", "+7", "-7", "7.0", "0x7", "256"})
        CHECK_FALSE_MESSAGE(lab::number_in<std::uint8_t>(wrong), wrong);
}

TEST_CASE("poll is told to wait until a deadline and neither shorter nor for ever") {
    using Clock = std::chrono::steady_clock;
    CHECK(lab::milliseconds_until(Clock::now() - 1s) == 0);
    CHECK(lab::milliseconds_until(Clock::time_point::max()) == -1);
    CHECK(lab::milliseconds_until(Clock::now() + 24h * 365) > 0);
    const auto deadline = Clock::now() + 10ms;
    const auto told = std::chrono::milliseconds(lab::milliseconds_until(deadline));
    CHECK(Clock::now() + told >= deadline);
}

TEST_CASE("a program that a script has started ends with the script") {
    lab::test::Program script({"sh", "-c", "sleep 600 & echo $!; wait"});
    const int number = std::stoi(script.read_line("echo prints it"));
    REQUIRE(getpgid(number) > 0);
    lab::test::kill_group(getpgid(number));
    script.expect_end_by(SIGKILL, "nobody holds its stdout any more");
}

TEST_CASE("a program is not waited for when what it has started has left its group") {
    // The case's own time limit ends it where this is not so: that process holds stdout open.
    lab::test::Program script({"bash", "-c", "set -m; (echo left; exec sleep 50) & wait"});
    CHECK(script.read_line("echo prints it") == "left");
}

TEST_CASE("what has to happen has more time on a machine that is slow or busy, but not for ever") {
    for (const auto limit : {0ms, 1000ms, 10'000ms}) {
        const auto more = lab::test::patience(limit);
        CHECK(more >= 0ms);
        CHECK(more <= 20s);
    }
    CHECK(lab::test::patience(0ms) == 0ms);
    std::vector<std::chrono::milliseconds> spans;
    const auto in_vain = [&](std::chrono::milliseconds span) {
        spans.push_back(span);
        return false;
    };
    CHECK_FALSE(lab::test::wait_patiently(in_vain, 500ms));
    REQUIRE(spans.size() == 2);
    CHECK(spans[0] == 500ms);
    CHECK_FALSE(lab::test::took_longer(499ms, 500ms));
    CHECK(lab::test::took_longer(1h, 500ms));
}

TEST_SUITE_END();
