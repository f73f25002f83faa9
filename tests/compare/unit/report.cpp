// Unit tests of what is told of measured rows: tables, JSON, and the picture.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "compare/report/figures.hpp"
#include "compare/report/json.hpp"
#include "compare/report/plot.hpp"
#include "compare/report/svg.hpp"
#include "compare/report/tables.hpp"
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
    row.counts.sent = {.bytes = 196, .text = 100, .heads = 80, .messages = 2, .calls = 2};
    row.counts.received = {.bytes = 568, .text = 400, .heads = 8, .messages = 8, .calls = 8};
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

// The cells of the row that begins with `title`, in the table after `heading`.
std::string cells_after(const std::string& text, const std::string& heading,
                        const std::string& title) {
    const std::size_t table = text.find(heading);
    const std::size_t begin = text.find("\n" + title, table) + 1 + title.size();
    std::string cells;
    for (const char c : text.substr(begin, text.find('\n', begin) - begin))
        if (c != ' ' || (!cells.empty() && cells.back() != ' ')) cells += c;
    return cells;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("tables hold what was measured, per delivery and per client") {
    const std::string text = tables(kParameters, {row_of("websocket"), row_of("ajax-100")}, false);
    const std::string title = "WebSocket (05)";
    expect_bytes("4.00 8.00 8.00 12.0 13.0 1.50 3 of 5", cells_after(text, "is heard", title),
                 "delays");
    expect_bytes("12.5 2.00 10.0 50.0 20.0 1.00 95.5 100", cells_after(text, "weighs", title),
                 "a delivery is an eighth of all");
    expect_bytes("0.250 1.50 500 12.5 6.00 24.0", cells_after(text, "costs", title), "costs");
    CHECK(contains(text, "2 messages of 50 bytes, 10 a second, to 3 readers"));
    CHECK(contains(text, "side by side"));
    CHECK(contains(text, "No connection was made for a message"));
    Row reconnecting = row_of("websocket");
    reconnecting.counts.connections = 1;
    CHECK_FALSE(contains(tables(kParameters, {reconnecting}, false), "No connection was made"));
    CHECK_FALSE(contains(text, "there and back"));
    CHECK_FALSE(contains(text, "\033"));
    CHECK(contains(tables(kParameters, {row_of("sse")}, true), "\033[1m"));
}

TEST_CASE("a row with a fault has no figures anywhere") {
    const std::vector<Row> rows{row_of("websocket"), faulty()};
    const std::string text = tables(kParameters, rows, false);
    for (const std::string table : {"is heard", "weighs", "costs"})
        CHECK(cells_after(text, table, "SSE (06)") == "no figures: see below");
    CHECK(faults(rows) == "SSE (06): participant 2 heard \"a<b & 'c'\" twice\n");
    const std::string whole = json(kParameters, {faulty()});
    CHECK(contains(whole, R"("fault":"participant 2 heard \"a<b & 'c'\" twice"})"));
    CHECK_FALSE(contains(whole, "delay_ms\":{"));
    const std::string picture = plot(kParameters, rows);
    CHECK(contains(picture, ">WebSocket</text>"));
    CHECK_FALSE(contains(picture, ">SSE</text>"));
    CHECK(contains(plot(kParameters, {faulty()}), "There are no figures"));
}

TEST_CASE("the time that a busy machine or a long path adds is reported") {
    Row row = row_of("udp");
    row.lateness = 12.34;
    Parameters parameters = kParameters;
    parameters.delay = 20ms;
    const std::string text = tables(parameters, {row}, false);
    CHECK(contains(text, "up to 12.3 ms late"));
    CHECK(contains(text, "20 ms each way: 40 ms there and back"));
    CHECK(contains(text, "delay is made by their server (03)"));
    CHECK(contains(text, "An echo is no chat"));
}

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
        R"("bytes_sent":{"text":100,"framing":16,"heads":80,"messages":2,"calls":2},)"
        R"("bytes_received":{"text":400,"framing":160,"heads":8,"messages":8,"calls":8},)"
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

TEST_CASE("a brief table has what one writer's messages show") {
    Parameters parameters = kParameters;
    parameters.brief = true;
    const std::string text = tables(parameters, {row_of("websocket"), faulty()}, false);
    expect_bytes("4.00 8.00 62.5 22.0 11.0 0.250", cells_after(text, "delay, ms", "WebSocket (05)"),
                 "bytes of both ways together");
    CHECK(cells_after(text, "delay, ms", "SSE (06)") == "no figures: see below");
    CHECK_FALSE(contains(text, "What it costs"));
}

TEST_CASE("memory that shrinks, and what was not measured, have no figure") {
    Row row = row_of("websocket");
    row.memory_kib = -1;
    row.idle.reset();
    row.delays_of_all = {};
    row.joins = {};
    row.away.reset();
    const std::string text = tables(kParameters, {row}, false);
    expect_bytes("4.00 8.00 8.00 – – – –", cells_after(text, "is heard", "WebSocket (05)"),
                 "delays");
    expect_bytes("0.250 1.50 500 0 – –", cells_after(text, "costs", "WebSocket (05)"), "costs");
    CHECK_FALSE(contains(text, "An echo is no chat"));
    CHECK_FALSE(contains(text, "ms late"));
    CHECK_FALSE(contains(text, "side by side"));
}

TEST_CASE("a picture shows each delay and each byte at its place") {
    const std::string picture = plot(kParameters, {row_of("websocket"), row_of("ajax-100")});
    // One decade is 760 wide, and all who have heard are 320 high.
    const char* const curve =
        R"(stroke="#0072b2" stroke-width="2.5" points="190.0,440.0 190.0,400.0 418.8,360.0 )"
        R"(552.6,320.0 647.6,280.0 721.2,240.0 781.4,200.0 832.3,160.0 876.3,120.0"/>)";
    for (const std::string_view part :
         {curve, R"(stroke="#d55e00" stroke-width="2.5")",
          R"(text-anchor="middle" fill="#222222">1 ms<)",
          R"(text-anchor="middle" fill="#222222">10 ms<)",
          // 62.5, 22, 11 and 100 bytes stand side by side: 690 wide, and their sum behind them.
          R"(x="190.0" y="660.0" width="220.6" height="22.0" fill="#0072b2")",
          R"(x="410.6" y="660.0" width="77.6" height="22.0" fill="#e69f00")",
          R"(x="488.2" y="660.0" width="38.8" height="22.0" fill="#d55e00")",
          R"(x="527.1" y="660.0" width="352.9" height="22.0" fill="#bbbbbb")",
          R"(<text x="888.0" y="676.0" font-size="14.0" text-anchor="start" fill="#222222">196<)",
          R"(x="190.0" y="694.0")", R"(viewBox="0 0 1000 758")"})
        CHECK_MESSAGE(contains(picture, part), part);
}

TEST_CASE("a picture has room for any delays") {
    Row one = row_of("websocket");
    one.delays = Sample({1, 1});
    const std::string same = plot(kParameters, {one});
    CHECK_FALSE(contains(same, "nan"));
    CHECK_FALSE(contains(same, "inf"));
    one.delays = Sample({0, 5000});
    const std::string wide = plot(kParameters, {one});
    CHECK_MESSAGE(contains(wide, " 917.3,120.0\"/>"), "seven decades, the first one below 1 ms");
    CHECK(contains(wide, ">0.001 ms<"));
    CHECK(contains(wide, ">1 s<"));
    CHECK(contains(wide, ">10 s<"));
    std::vector<double> many(10'001, 1);
    many.back() = 10;
    one.delays = Sample(many);
    const std::string crowded = plot(kParameters, {one});
    CHECK_MESSAGE(contains(crowded, " 950.0,120.0\"/>"), "the last one is there in any case");
    CHECK_MESSAGE(crowded.size() < 20'000, "no more points than are seen");
}

TEST_CASE("counts have all their figures, in groups of three when there are many") {
    CHECK(whole_number(0) == "0");
    CHECK(whole_number(9999) == "9999");
    CHECK(whole_number(10'000) == "10 000");
    CHECK(whole_number(1'234'567) == "1 234 567");
}

TEST_CASE("a picture escapes what would be markup") {
    Svg svg(10, 20, "a < b");
    svg.text(1, 2, "x & y > z");
    svg.line({{0, 0}, {1.25, 2}}, "red", 1);
    expect_bytes(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10.0\" height=\"20.0\" viewBox=\"0 0 10 "
        "20\" role=\"img\" font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\">\n"
        "<title>a &lt; b</title>\n"
        "<rect x=\"0.0\" y=\"0.0\" width=\"10.0\" height=\"20.0\" fill=\"white\"/>\n"
        "<text x=\"1.0\" y=\"2.0\" font-size=\"14.0\" text-anchor=\"start\" "
        "fill=\"#222222\">x &amp; y &gt; z</text>\n"
        "<polyline fill=\"none\" stroke-linejoin=\"round\" stroke=\"red\" stroke-width=\"1.0\" "
        "points=\"0.0,0.0 1.2,2.0\"/>\n"
        "</svg>\n",
        svg.finish(), "SVG is XML");
}

TEST_SUITE_END();
