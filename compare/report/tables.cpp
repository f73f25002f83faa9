#include "compare/report/tables.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>

#include "compare/report/figures.hpp"
#include "compare/report/table.hpp"

namespace compare {
namespace {

const std::string kNone = "–";

/// A column of a table: its heading, the group that it stands in, and its cell in each row.
struct Column {
    std::string heading, group;
    std::function<std::string(const Row&)> cell;
};

std::string first_cell(const Row& row) {
    return row.transport.title + " (" + row.transport.step.substr(0, 2) + ")";
}

Table table_of(const std::vector<Row>& rows, const std::vector<Column>& columns) {
    Table table;
    table.column("transport");
    for (const Column& column : columns) table.column(column.heading, column.group);
    for (const Row& row : rows) {
        std::vector<std::string> cells{first_cell(row)};
        if (!row.fault.empty()) cells.emplace_back("no figures: see below");
        if (row.fault.empty())
            for (const Column& column : columns) cells.push_back(column.cell(row));
        table.row(std::move(cells));
    }
    return table;
}

// A column of numbers; a row without the number has a dash.
Column number(const std::string& heading, const std::string& group,
              const std::function<std::optional<double>(const Row&)>& value) {
    return {heading, group, [=](const Row& row) {
                const auto figure = value(row);
                return figure ? three_figures(*figure) : kNone;
            }};
}

Column percentile(const std::string& heading, const std::string& group, Sample Row::*sample,
                  double percent) {
    return number(heading, group, [=](const Row& row) -> std::optional<double> {
        if ((row.*sample).empty()) return std::nullopt;
        return (row.*sample).percentile(percent);
    });
}

// The bytes of `kind` in `flows`, all together, per delivery.
Column bytes_each(const ByteKind& kind, const std::string& group,
                  const std::vector<Flow Counts::*>& flows) {
    return number(kind.name, group, [=](const Row& row) {
        std::uint64_t sum = 0;
        for (const auto flow : flows) sum += kind.count(row.counts.*flow);
        return row.per_delivery(sum);
    });
}

std::string lost(const Row& row) {
    if (!row.away) return kNone;
    return std::to_string(row.away->lost) + " of " + std::to_string(row.away->said);
}

std::optional<double> requests(const Row& row) {
    return row.per_delivery(row.counts.requests);
}

Table delays(const std::vector<Row>& rows) {
    return table_of(rows, {percentile("p50", "delay, ms", &Row::delays, 50),
                           percentile("p99", "delay, ms", &Row::delays, 99),
                           percentile("max", "delay, ms", &Row::delays, 100),
                           percentile("p50", "all write", &Row::delays_of_all, 50),
                           percentile("p99", "all write", &Row::delays_of_all, 99),
                           percentile("to join,\nms (p50)", "", &Row::joins, 50),
                           {"lost by one who\nis away for 1 s", "", lost}});
}

Table bytes(const std::vector<Row>& rows) {
    const auto sum = [](const Row& row) {
        return row.per_delivery(row.counts.sent.bytes + row.counts.received.bytes);
    };
    const auto network = [](const Row& row) {
        return row.per_delivery(estimated_network_bytes(row.transport, row.counts));
    };
    std::vector<Column> columns;
    for (const ByteKind& kind : kByteKinds)
        columns.push_back(bytes_each(kind, "to the server", {&Counts::sent}));
    for (const ByteKind& kind : kByteKinds)
        columns.push_back(bytes_each(kind, "from the server", {&Counts::received}));
    columns.push_back(number("sum", "", sum));
    columns.push_back(number("TCP and IP,\nestimated", "", network));
    return table_of(rows, columns);
}

Table costs(const std::vector<Row>& rows) {
    using Figure = std::optional<double>;
    const auto connections = [](const Row& row) {
        return static_cast<double>(row.connections) / static_cast<double>(row.participants);
    };
    const auto cpu = [](const Row& row) {
        return row.cpu_seconds ? Figure(row.per_delivery(*row.cpu_seconds * 1e6)) : std::nullopt;
    };
    const auto memory = [](const Row& row) {
        return row.memory_kib ? Figure(std::max(0.0, *row.memory_kib)) : std::nullopt;
    };
    const auto messages = [](const Row& row) {
        return row.idle ? Figure(row.idle->messages) : std::nullopt;
    };
    const auto bytes = [](const Row& row) {
        return row.idle ? Figure(row.idle->bytes) : std::nullopt;
    };
    return table_of(rows, {number("requests\nper\ndelivery", "", requests),
                           number("connections\nper client", "", connections),
                           number("server CPU,\nms per 1000\ndeliveries", "", cpu),
                           number("memory,\nKiB per\nidle client", "", memory),
                           number("messages", "an idle minute", messages),
                           number("bytes", "an idle minute", bytes)});
}

// All that the one writer's messages show, on a screen.
Table brief(const std::vector<Row>& rows) {
    std::vector<Column> columns{percentile("p50", "delay, ms", &Row::delays, 50),
                                percentile("p99", "delay, ms", &Row::delays, 99)};
    for (const ByteKind& kind : kByteKinds)
        columns.push_back(
            bytes_each(kind, "bytes per delivery, both ways", {&Counts::sent, &Counts::received}));
    columns.push_back(number("requests\nper delivery", "", requests));
    return table_of(rows, columns);
}

std::string title(std::string_view text, bool colour) {
    std::string line = colour ? "\033[1m" : "";
    line.append(text).append(colour ? "\033[0m\n\n" : "\n\n");
    return line;
}

std::string introduction(const Parameters& parameters) {
    std::string text = "One chat over each transport: " + description(parameters) + ".\n";
    if (const auto delay = parameters.delay.count(); delay > 0) {
        text += "The path takes " + std::to_string(delay) +
                " ms each way: " + std::to_string(2 * delay) + " ms there and back.\n";
    }
    return text;
}

bool any(const std::vector<Row>& rows, ConnectionKind kind) {
    return std::ranges::any_of(rows, [&](const Row& row) { return row.transport.kind == kind; });
}

std::string notes_on_delays(const Parameters& parameters, const std::vector<Row>& rows) {
    std::string text =
        "\nFrom when a message was due to be said, to when a reader has it whole. p50: half took "
        "no "
        "longer;\np99: 99 of 100. To join: from connect until the transport says that one is in.\n";
    text +=
        "All write: the same while each says one thing in turn; over HTTP it connects first to do "
        "so.\n";
    if (any(rows, ConnectionKind::polling))
        text += "AJAX polling was measured at all intervals side by side.\n";
    double late = 0;
    for (const Row& row : rows) late = std::max(late, row.lateness);
    if (late > kMaxLateness) {
        text += "This machine was busy: some messages left up to " + three_figures(late) +
                " ms late, which is in their delays.\n";
    }
    if (parameters.delay.count() > 0) {
        text +=
            "Over HTTP each message is posted when the one before it is confirmed: one per there "
            "and back.\n";
    }
    if (parameters.delay.count() > 0 && any(rows, ConnectionKind::datagrams))
        text += "The datagrams' delay is made by their server (03), for there and back.\n";
    if (any(rows, ConnectionKind::datagrams))
        text += "An echo is no chat: each hears only itself.\n";
    return text + "\n";
}

// Notes on headings that are not plain.
constexpr std::string_view kNotesOnBytes =
    "\nAll that all clients sent and received while the one wrote, per message that one of them "
    "heard.\nHeads are those of a bare client: Host, and what is needed. TCP and IP are an "
    "estimate: for each\nsend and recv a segment, 40 bytes, and its acknowledgement, 40; a "
    "datagram "
    "28.\n\n";
constexpr std::string_view kNotesOnCosts =
    "Memory: what 200 idle clients add to the server's, per client. An idle minute is one "
    "client's: pings\nevery 20 s (05) and 15 s (06), an empty answer every 25 s (07) or interval; "
    "their bytes were counted\nat a shorter period, and multiplied.\n";

}  // namespace

std::string tables(const Parameters& parameters, const std::vector<Row>& rows, bool colour) {
    const std::string_view dim = colour ? "\033[2m" : "";
    const std::string_view plain = colour ? "\033[0m" : "";
    std::string text = introduction(parameters) + "\n";
    if (parameters.brief) return text + brief(rows).text(dim, plain);
    text += title("When a message is heard, and what is lost", colour);
    text += delays(rows).text(dim, plain) + notes_on_delays(parameters, rows);
    text += title("What a delivery weighs, in bytes", colour);
    text += bytes(rows).text(dim, plain).append(kNotesOnBytes);
    text += title("What it costs", colour);
    text += costs(rows).text(dim, plain) + "\n";
    if (std::ranges::all_of(rows, [](const Row& row) { return row.counts.connections == 0; }))
        text += "No connection was made for a message: all are kept.\n";
    text.append(kNotesOnCosts);
    return text;
}

std::string faults(const std::vector<Row>& rows) {
    std::string lines;
    for (const Row& row : rows)
        if (!row.fault.empty()) lines += first_cell(row) + ": " + row.fault + "\n";
    return lines;
}

}  // namespace compare
