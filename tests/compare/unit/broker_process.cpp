// Unit tests of the broker that is started for a measurement, and of what it counts.
#include <doctest/doctest.h>

#include <string>

#include "common/broker/address.hpp"
#include "common/socket.hpp"
#include "compare/measure/broker_process.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/redis.hpp"

using lab::test::Connection;

TEST_SUITE_BEGIN("unit");

TEST_CASE("a broker's bytes are those of others, not those of the question") {
    if (!lab::test::Redis::is_there()) return;
    compare::BrokerProcess broker;
    const auto none = broker.traffic();
    CHECK(none.received == 0);
    CHECK(none.sent == 0);
    const auto address = lab::parse_broker_address(broker.room("lounge"));
    CHECK(address.room == "lounge");
    Connection client(lab::connect_to(address.host, address.port));
    client.send("PING\r\n");
    client.expect("+PONG\r\n", "it is there");
    const auto some = broker.traffic();
    CHECK(some.received == 6);
    CHECK(some.sent == 7);
    client.send("GET nothing\r\n");
    client.expect("$-1\r\n", "it keeps nothing");
    CHECK(broker.traffic().received == 6 + 13);
    CHECK(broker.process().cpu_seconds().value_or(0) >= 0);
}

TEST_SUITE_END();
