// What our own 06_sse must do beyond what its lesson asks of every program.
#include <doctest/doctest.h>

#include <string>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a page that asks for heartbeats gets events that it can see instead of comments") {
    const Server server(kStep, {"--ping", "1"});
    EventStream stream(server, "/events?heartbeat=1");
    for (int i = 0; i < 3; ++i)
        stream.expect({"", "heartbeat", ""}, "one at once, then one every --ping seconds");
    CHECK(stream.comments() == 0);
    publish(server, "Hello");
    StreamEvent event = stream.receive("what is published comes too");
    // Another heartbeat may have come before it.
    while (event.type == "heartbeat") event = stream.receive("what is published comes too");
    const StreamEvent expected{"1", "", "Hello"};
    CHECK_MESSAGE(event == expected, "a heartbeat takes no id: ", event.id);
}

TEST_SUITE_END();
