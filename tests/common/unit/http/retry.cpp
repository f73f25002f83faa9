// Unit tests of what every client needs that tries again: how long it waits, what it tries again,
// and how long a try may take.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <vector>

#include "common/address.hpp"
#include "common/backoff.hpp"
#include "common/check.hpp"
#include "common/http/client.hpp"
#include "common/socket.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

const lab::Backoff::Time kNow{};

// The longest of many first waits. Each backoff has random numbers of its own; a copy would repeat
// those of the original.
milliseconds longest_first(milliseconds asked) {
    milliseconds longest{0};
    for (int i = 0; i < 200; ++i) longest = std::max(longest, lab::Backoff().next(kNow, asked));
    return longest;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("waits between tries double up to a bound and differ") {
    std::vector<milliseconds> firsts;
    for (int i = 0; i < 50; ++i) {
        lab::Backoff backoff;
        auto longest = 500ms;
        for (int tries = 0; tries < 10; ++tries) {
            const auto wait = backoff.next(kNow);
            CHECK(wait >= longest / 2);
            CHECK(wait <= longest);
            if (tries == 0) firsts.push_back(wait);
            longest = std::min(2 * longest, milliseconds(16'000));
        }
    }
    // Clients that lost the same server must not all come back at the same instant.
    CHECK(std::ranges::count(firsts, firsts[0]) < 25);
}

TEST_CASE("only a connection that has lasted brings the short waits back") {
    lab::Backoff backoff;
    for (int i = 0; i < 10; ++i) backoff.next(kNow);
    // It is opened and ends at once, again and again.
    for (int i = 0; i < 10; ++i) {
        backoff.succeeded(kNow);
        CHECK(backoff.next(kNow + 4999ms) >= 8s);
    }
    // The answers of one connection are no connections of their own.
    backoff.succeeded(kNow);
    backoff.succeeded(kNow + 4s);
    CHECK(backoff.next(kNow + 5s) <= 500ms);
}

TEST_CASE("a connection that has brought something new shortens the waits step by step") {
    lab::Backoff backoff;
    for (int i = 0; i < 10; ++i) {
        backoff.succeeded(kNow);
        backoff.brought_news();
        CHECK(backoff.next(kNow + 1s) <= 500ms);
    }
    for (int i = 0; i < 10; ++i) backoff.next(kNow);
    for (auto longest = 8000ms; longest >= 500ms; longest /= 2) {
        backoff.brought_news();
        const auto wait = backoff.next(kNow);
        CHECK(wait <= longest);
        CHECK(wait >= longest / 2);
    }
}

TEST_CASE("a wait is at least what the server asks for and has a floor and a bound") {
    for (int i = 0; i < 50; ++i) {
        CHECK(lab::Backoff().next(kNow, 0ms) >= 250ms);
        CHECK(lab::Backoff().next(kNow, -10s) >= 250ms);
        CHECK(lab::Backoff().next(kNow, 10s) >= 10s);
        CHECK(lab::Backoff().next(kNow, 10s) <= 15s);
        CHECK(lab::Backoff().next(kNow, milliseconds::max()) <= 90min);
    }
    CHECK(longest_first(10s) > 11s);
}

TEST_CASE("refusals that can pass are tried again and others are not") {
    for (const int status : {408, 429, 500, 502, 503, 504}) CHECK(http::can_pass(status));
    for (const int status : {200, 204, 301, 400, 401, 403, 404, 413, 426, 501, 505})
        CHECK_FALSE(http::can_pass(status));
    for (const int status : {408, 429, 503}) CHECK(http::did_nothing(status));
    for (const int status : {200, 400, 500, 502, 504}) CHECK_FALSE(http::did_nothing(status));
}

TEST_CASE("Retry-After is a number of seconds and nothing else") {
    CHECK(http::retry_after("120") == 120s);
    CHECK(http::retry_after("4294967295") == std::chrono::seconds(4294967295));
    for (const char* const none :
         {"", "-1", "1.5", "soon", "4294967296", "Fri, 31 Dec 1999 23:59:59 GMT"})
        CHECK_MESSAGE(http::retry_after(none) == 0s, none);
    http::Head head;
    CHECK(http::retry_after(head) == 0s);
    head.fields.push_back({"retry-after", "7"});
    CHECK(http::retry_after(head) == 7s);
}

TEST_CASE("a name that is not found is a system_error like every other that may pass") {
    // Reserved: RFC 6761, section 6.4.
    try {
        lab::connect_to("no-such-name.invalid", "80");
        FAIL("it was found");
    } catch (const std::system_error& error) {
        CHECK(std::string(error.what()).starts_with("getaddrinfo no-such-name.invalid: "));
    }
}

TEST_CASE("connecting ends after its time limit where nothing comes back") {
    // A listener whose queue is full drops what comes, as a firewall does.
    const lab::FileDescriptor listener = lab::listen_on("127.0.0.1", "0");
    REQUIRE(listen(listener.number(), 0) == 0);
    const std::string address = lab::local_address(listener.number());
    const std::string port = address.substr(address.rfind(':') + 1);
    std::vector<lab::FileDescriptor> waiting;
    try {
        for (int i = 0; i < 20; ++i)
            waiting.push_back(lab::connect_to("127.0.0.1", port, SOCK_STREAM, 100ms));
        FAIL("the queue never was full");
    } catch (const std::system_error& error) {
        CHECK(error.code() == std::errc::timed_out);
        CHECK(std::string(error.what()).starts_with("connect 127.0.0.1:"));
    }
}

TEST_SUITE_END();
