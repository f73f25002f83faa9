// Unit tests of the JSON of measured rows. tests/compare/report has those of its tables and
// pictures.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "compare/report/json.hpp"
#include "tests/support/report.hpp"

using namespace compare;
using namespace std::chrono_literals;
using lab::test::expect_bytes;

namespace {

const Parameters kParameters{.clients = 3, .messages = 2, .rate = 10, .size = 50};

// Four who heard two messages each: eight deliveries.
Row row_of(const std::string& transport) {
    Row row{.transport = find_transport(transport)};
    row.joins = Sample({1.5, 1.5, 2});
    row.delays = Sample({1, 2, 3, 4, 5, 6, 7, 8});
    row.delays_of_all = Sample({11, 12, 13});
    row.messages = 2;
    row.counts.sent = {.bytes = 196, .text = 100, .headers = 80, .messages = 2, .calls = 2};
    row.counts.received = {.bytes = 568, .text = 400, .headers = 8, .messages = 8, .calls = 8};
    row.counts.requests = 2;
    row.connections = 6;
    row.participants = 4;
    row.cpu_seconds = 0.004;
    row.memory_kib = 12.5;
    row.away = {.said = 5, .lost = 3};
    row.idle = Idle{.messages = 6, .bytes = 24, .window = 2.5, .signs = 9, .period = 20};
    return row;
}

Row faulty() {
    Row row = row_of("sse");
    row.fault = "participant 2 heard \"a<b & 'c'\" twice";
    return row;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the estimate of TCP and IP is 80 bytes for each call, and 28 for a datagram") {
    CHECK(estimated_network_bytes(find_transport("sse"), row_of("sse").counts) == 800);
    CHECK(estimated_network_bytes(find_transport("udp"), row_of("udp").counts) == 280);
}

TEST_CASE("JSON has the figures as they were counted") {
    Row row = row_of("longpoll");
    row.lateness = 0.123456;
    row.counts.connections = 1;
    row.idle->watched_period = 1;
    Row bad = faulty();
    bad.fault.assign(1, '\xff');
    Parameters parameters = kParameters;
    parameters.delay = 20ms;
    expect_bytes(
        R"({"clients":3,"messages":2,"rate":10,"size":50,"delay_ms":20,"rows":[)"
        "\n"
        R"({"transport":"longpoll","title":"long polling","step":"07_longpoll",)"
        R"("join_ms":{"count":3,"p50":1.5,"p99":2,"max":2},)"
        R"("delay_ms":{"count":8,"p50":4,"p99":8,"max":8},)"
        R"("delay_ms_all_write":{"count":3,"p50":12,"p99":13,"max":13},)"
        R"("said_late_ms_max":0.123456,"participants":4,"messages":2,)"
        R"("bytes_sent":{"text":100,"framing":16,"headers":80,"messages":2,"calls":2},)"
        R"("bytes_received":{"text":400,"framing":160,"headers":8,"messages":8,"calls":8},)"
        R"("tcp_ip_bytes_estimated":800,"requests":2,"connections":6,)"
        R"("connections_made_while_it_wrote":1,)"
        R"("server_cpu_seconds":0.004,"server_kib_a_client":12.5,)"
        R"("said_while_one_was_away":5,"lost_by_it":3,)"
        R"("idle_client":{"messages_a_minute":6,"bytes_a_minute":24,"watched_seconds":2.5,)"
        R"("signs_counted":9,"period_seconds":20,"watched_period_seconds":1}},)"
        "\n"
        R"({"transport":"sse","title":"SSE","step":"06_sse","fault":"\"\\xff\""}])"
        "}\n",
        json(parameters, {row, bad}), "each figure under its own name");
    CHECK(contains(json(kParameters, {row}), R"("delay_ms":0,"rows")"));
}

TEST_CASE("a row with a fault has no figures in JSON") {
    const std::string whole = json(kParameters, {faulty()}, true);
    CHECK(contains(whole, R"("fault":"participant 2 heard \"a<b & 'c'\" twice"})"));
    CHECK_FALSE(contains(whole, "delay_ms\":{"));
    CHECK_FALSE(contains(whole, "delay_curve"));
}

TEST_CASE("JSON has no member without a figure") {
    Row row = row_of("websocket");
    row.cpu_seconds.reset();
    row.memory_kib.reset();
    row.idle.reset();
    row.delays_of_all = {};
    row.away.reset();
    const std::string whole = json(kParameters, {row});
    CHECK(contains(whole, R"("delay_ms_all_write":null)"));
    CHECK(contains(whole, R"("connections_made_while_it_wrote":0}])"));
}

TEST_CASE("a curve has the first and the last delay, and no more points than are seen") {
    Row row = row_of("websocket");
    row.delays = Sample({1, 2, 3, 4});
    CHECK(contains(json(kParameters, {row}, true),
                   R"("delay_curve":[[0.250000,1.000000],[0.500000,2.000000],)"
                   R"([0.750000,3.000000],[1.000000,4.000000]])"));
    CHECK_FALSE(contains(json(kParameters, {row}), "curve"));
    std::vector<double> many(10'001, 1);
    many.back() = 10;
    row.delays = Sample(many);
    const std::string whole = json(kParameters, {row}, true);
    CHECK_MESSAGE(contains(whole, "[1.000000,10.000000]]"), "the last one is there in any case");
    CHECK_MESSAGE(whole.size() < 10'000, "a picture has no room for ten thousand points");
    row.delays = Sample({7});
    CHECK(contains(json(kParameters, {row}, true), R"("delay_curve":[[1.000000,7.000000]])"));
}

TEST_SUITE_END();
