// Unit tests of the JSON of measured rows. tests/compare/report has those of its tables and
// pictures.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "compare/measure/measurement.hpp"
#include "tests/support/report.hpp"

using namespace compare;
using namespace std::chrono_literals;
using lab::test::expect_bytes;

namespace {

const Parameters kParameters{.clients = 3, .messages = 2, .rate = 10, .size = 50};

// A row with a member in each part.
Row row_of(const std::string& transport) {
    Row row{.transport = find_transport(transport)};
    row.delays.add("delay_ms", Sample({1, 2, 3, 4, 5, 6, 7, 8})).add("said_late_ms_max", 0.123456);
    row.work.add("participants", 4U);
    row.memory.add("server_kib_a_client", 12.5);
    row.away.add("lost_by_it", 3U);
    row.idle.add("idle_client", JsonObject().add("bytes_a_minute", 24.0));
    row.curve.add_curve("delay_curve", Sample({7}));
    return row;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// The curve of such values.
std::string curve_of(const std::vector<double>& values) {
    return JsonObject().add_curve("curve", Sample(values)).text();
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the estimate of TCP and IP is 80 bytes for each call, and 28 for a datagram") {
    Counts counts;
    counts.sent = {.bytes = 196, .text = 100, .headers = 80, .messages = 3, .calls = 2};
    counts.received = {.bytes = 568, .text = 400, .headers = 8, .messages = 9, .calls = 8};
    counts.requests = 5;
    expect_bytes(
        R"({"bytes_sent":{"text":100,"framing":16,"headers":80,"messages":3,"calls":2},)"
        R"("bytes_received":{"text":400,"framing":160,"headers":8,"messages":9,"calls":8},)"
        R"("tcp_ip_bytes_estimated":800,"requests":5})",
        traffic(find_transport("sse"), counts).text(), "each count under its own name");
    CHECK(contains(traffic(find_transport("udp"), counts).text(), R"(_estimated":280,)"));
}

TEST_CASE("JSON has the figures as they were counted") {
    Parameters parameters = kParameters;
    parameters.delay = 20ms;
    Row bad = row_of("sse");
    bad.fault.assign(1, '\xff');
    expect_bytes(R"({"clients":3,"messages":2,"rate":10,"size":50,"delay_ms":20,"rows":[)"
                 "\n"
                 R"({"transport":"longpoll","title":"long polling","step":"07_longpoll",)"
                 R"("delay_ms":{"count":8,"p50":4,"p99":8,"max":8},"said_late_ms_max":0.123456,)"
                 R"("participants":4,"server_kib_a_client":12.5,"lost_by_it":3,)"
                 R"("idle_client":{"bytes_a_minute":24}},)"
                 "\n"
                 R"({"transport":"sse","title":"SSE","step":"06_sse","fault":"\"\\xff\""}])"
                 "}\n",
                 json(parameters, {row_of("longpoll"), bad}), "one part after the other");
    CHECK(contains(json(kParameters, {}), "\"delay_ms\":0,\"rows\":[\n]}"));
}

TEST_CASE("a row with a fault has no figures in JSON") {
    Row faulty = row_of("sse");
    faulty.fault = "participant 2 heard \"a<b & 'c'\" twice";
    const std::string whole = json(kParameters, {faulty}, true);
    CHECK(contains(whole, R"("fault":"participant 2 heard \"a<b & 'c'\" twice"})"));
    CHECK_FALSE(contains(whole, "delay_ms\":{"));
    CHECK_FALSE(contains(whole, "delay_curve"));
}

TEST_CASE("JSON has no member without a figure") {
    Row row{.transport = find_transport("websocket")};
    row.delays.add("delay_ms_all_write", Sample());
    row.work.add("server_cpu_seconds", std::optional<double>());
    CHECK(contains(json(kParameters, {row}), R"("05_ws_chat","delay_ms_all_write":null}])"));
}

TEST_CASE("a curve has the first and the last delay, and no more points than are seen") {
    CHECK(contains(json(kParameters, {row_of("sse")}, true),
                   R"("idle_client":{"bytes_a_minute":24},"delay_curve":[[1.000000,7.000000]]})"));
    CHECK_FALSE(contains(json(kParameters, {row_of("sse")}), "curve"));
    expect_bytes(R"({"curve":[[0.250000,1.000000],[0.500000,2.000000],)"
                 R"([0.750000,3.000000],[1.000000,4.000000]]})",
                 curve_of({1, 2, 3, 4}), "all of a few");
    std::vector<double> many(10'001, 1);
    many.back() = 10;
    const std::string curve = curve_of(many);
    CHECK_MESSAGE(contains(curve, "[1.000000,10.000000]]"), "the last one is there in any case");
    CHECK_MESSAGE(curve.size() < 10'000, "a picture has no room for ten thousand points");
}

TEST_SUITE_END();
