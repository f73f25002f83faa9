// Unit tests of the address of a room at a broker.
#include "common/broker/address.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using lab::parse_broker_address;

namespace {

// The parts of an address, one after the other; or why it is wrong.
std::string parts_of(const std::string& url) {
    try {
        const auto address = parse_broker_address(url);
        return address.host + " " + address.port + " " + address.password + " " + address.room;
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

void check_wrong(const std::string& url, const std::string& why) {
    CHECK_MESSAGE(parts_of(url).find(why) != std::string::npos, parts_of(url));
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the address of a broker has a host, a port and a room, and perhaps a password") {
    CHECK(parts_of("redis://127.0.0.1:6379/lounge") == "127.0.0.1 6379  lounge");
    CHECK(parts_of("redis://:s:e/c@[::1]:6379/{a}:b") == "::1 6379 s:e/c {a}:b");
    check_wrong("http://127.0.0.1:6379/lounge", "redis://");
    check_wrong("redis://127.0.0.1/lounge", "there is no port");
    check_wrong("redis://[::1]/lounge", "there is no port");
    check_wrong("redis://127.0.0.1:0/lounge", "port");
    check_wrong("redis://127.0.0.1:6379", "name of a room");
    check_wrong("redis://127.0.0.1:6379/", "name of a room");
    check_wrong("redis://127.0.0.1:6379/a/b", "name of a room");
    check_wrong("redis://Ann:secret@127.0.0.1:6379/a", "users have no names");
    check_wrong("redis://:@127.0.0.1:6379/a", "password is empty");
}

TEST_CASE("the password of a broker stands neither in its name nor in an error") {
    CHECK(to_string(parse_broker_address("redis://:secret@127.0.0.1:6379/a")) ==
          "127.0.0.1:6379/a");
    CHECK(to_string(parse_broker_address("redis://[::1]:6379/a")) == "[::1]:6379/a");
    CHECK(parts_of("redis://:secret@127.0.0.1:0/a").find("secret") == std::string::npos);
}

TEST_SUITE_END();
