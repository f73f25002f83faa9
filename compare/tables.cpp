#include "compare/tables.hpp"

#include <algorithm>
#include <sstream>

#include "compare/table.hpp"

namespace compare {
namespace {

const std::string kNone = "–";

double as_double(std::uint64_t value) {
    return static_cast<double>(value);
}

std::string first_cell(const Row& row) {
    return row.transport.title + " (" + row.transport.step.substr(0, 2) + ")";
}

Table delays(const std::vector<Row>& rows) {
    Table table;
    table.column("transport");
    for (const char* const heading : {"p50", "p99", "max"}) table.column(heading, "delay, ms");
    for (const char* const heading : {"p50", "p99"}) table.column(heading, "all write");
    table.column("to join,\nms (p50)");
    table.column("lost by one who\nis away for 1 s");
    for (const Row& row : rows) {
        if (!row.fault.empty()) {
            table.row({first_cell(row), "no figures: see below"});
            continue;
        }
        const Sample& all = row.delays_of_all;
        std::string lost = kNone;
        if (row.away)
            lost = std::to_string(row.away->lost) + " of " + std::to_string(row.away->said);
        table.row({first_cell(row), three_figures(row.delays.median()),
                   three_figures(row.delays.percentile(99)), three_figures(row.delays.most()),
                   all.empty() ? kNone : three_figures(all.median()),
                   all.empty() ? kNone : three_figures(all.percentile(99)),
                   row.joins.empty() ? kNone : three_figures(row.joins.median()), lost});
    }
    return table;
}

Table bytes(const std::vector<Row>& rows) {
    Table table;
    table.column("transport");
    for (const std::string group : {"to the server", "from the server"})
        for (const std::string kind : {"text", "framing", "heads"}) table.column(kind, group);
    table.column("sum");
    table.column("TCP and IP,\nestimated");
    for (const Row& row : rows) {
        if (!row.fault.empty()) {
            table.row({first_cell(row), "no figures: see below"});
            continue;
        }
        std::vector<std::string> cells{first_cell(row)};
        double sum = 0;
        for (const Flow& flow : {row.counts.sent, row.counts.received}) {
            for (const std::uint64_t count : {flow.text, flow.framing, flow.heads}) {
                const double each = as_double(count) / row.deliveries();
                cells.push_back(three_figures(each));
                sum += each;
            }
        }
        cells.push_back(three_figures(sum));
        cells.push_back(
            three_figures(estimated_network_bytes(row.transport, row.counts) / row.deliveries()));
        table.row(std::move(cells));
    }
    return table;
}

Table costs(const std::vector<Row>& rows) {
    Table table;
    table.column("transport");
    table.column("requests\nper\ndelivery");
    table.column("connections\nper client");
    table.column("server CPU,\nms per 1000\ndeliveries");
    table.column("memory,\nKiB per\nidle client");
    table.column("messages", "an idle minute");
    table.column("bytes", "an idle minute");
    for (const Row& row : rows) {
        if (!row.fault.empty()) {
            table.row({first_cell(row), "no figures: see below"});
            continue;
        }
        const double clients = as_double(row.participants);
        table.row(
            {first_cell(row), three_figures(as_double(row.counts.requests) / row.deliveries()),
             three_figures(as_double(row.connections) / clients),
             row.cpu_seconds ? three_figures(*row.cpu_seconds * 1e6 / row.deliveries()) : kNone,
             row.memory_kib ? three_figures(std::max(0.0, *row.memory_kib)) : kNone,
             row.idle ? three_figures(row.idle->messages) : kNone,
             row.idle ? three_figures(row.idle->bytes) : kNone});
    }
    return table;
}

// All that the one writer's messages show, on a screen.
Table brief(const std::vector<Row>& rows) {
    Table table;
    table.column("transport");
    for (const char* const heading : {"p50", "p99"}) table.column(heading, "delay, ms");
    for (const char* const kind : {"text", "framing", "heads"})
        table.column(kind, "bytes per delivery, both ways");
    table.column("requests\nper delivery");
    for (const Row& row : rows) {
        if (!row.fault.empty()) {
            table.row({first_cell(row), "no figures: see below"});
            continue;
        }
        const auto each = [&](std::uint64_t one, std::uint64_t other) {
            return three_figures(as_double(one + other) / row.deliveries());
        };
        const Flow& sent = row.counts.sent;
        const Flow& received = row.counts.received;
        table.row({first_cell(row), three_figures(row.delays.median()),
                   three_figures(row.delays.percentile(99)), each(sent.text, received.text),
                   each(sent.framing, received.framing), each(sent.heads, received.heads),
                   each(row.counts.requests, 0)});
    }
    return table;
}

std::string title(std::string_view text, bool colour) {
    std::string line = colour ? "\033[1m" : "";
    line.append(text).append(colour ? "\033[0m\n\n" : "\n\n");
    return line;
}

std::string introduction(const Parameters& parameters) {
    std::ostringstream text;
    text << "One chat over each transport: a writer says " << parameters.messages << " messages of "
         << parameters.size << " bytes, " << parameters.rate << " a second, to "
         << parameters.clients << " readers.\n";
    if (parameters.delay) {
        text << "The path takes " << parameters.delay->count()
             << " ms each way: " << 2 * parameters.delay->count() << " ms there and back.\n";
    }
    return text.str();
}

bool any(const std::vector<Row>& rows, Way way) {
    return std::ranges::any_of(rows, [&](const Row& row) { return row.transport.way == way; });
}

std::string notes_on_delays(const Parameters& parameters, const std::vector<Row>& rows) {
    std::string text =
        "\nFrom when a message was due to be said, to when a reader has it whole. p50: half took "
        "no "
        "longer;\np99: 99 of 100. To join: from connect until the transport says that one is in.\n";
    text +=
        "All write: the same while each says one thing in turn; over HTTP it connects first to do "
        "so.\n";
    if (any(rows, Way::polling))
        text += "AJAX polling was measured at all intervals side by side.\n";
    double late = 0;
    for (const Row& row : rows) late = std::max(late, row.lateness);
    if (late > kMuchLateness) {
        text += "This machine was busy: some messages left up to " + three_figures(late) +
                " ms late, which is in their delays.\n";
    }
    if (parameters.delay) {
        text +=
            "Over HTTP each message is posted when the one before it is confirmed: one per there "
            "and back.\n";
    }
    if (parameters.delay && any(rows, Way::datagrams))
        text += "The datagrams' delay is made by their server (03), for there and back.\n";
    if (any(rows, Way::datagrams)) text += "An echo is no chat: each hears only itself.\n";
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
