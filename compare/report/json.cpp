#include "compare/report/json.hpp"

#include <algorithm>

#include "compare/report/json_object.hpp"

namespace compare {
namespace {

// More points than this cannot be seen.
constexpr std::size_t kMaxPoints = 250;

// Every so many values, with the first and the last one in any case.
std::string curve_of(const std::vector<double>& values) {
    std::string points;
    const auto add = [&](std::size_t i) {
        const double part = static_cast<double>(i + 1) / static_cast<double>(values.size());
        points += (points.empty() ? "[" : ",[") + std::to_string(part) + "," +
                  std::to_string(values[i]) + "]";
    };
    const std::size_t step = std::max<std::size_t>(1, values.size() / kMaxPoints);
    for (std::size_t i = 0; i + 1 < values.size(); i += step) add(i);
    if (!values.empty()) add(values.size() - 1);
    return "[" + points + "]";
}

JsonObject of_flow(const Flow& flow) {
    return JsonObject()
        .add("text", flow.text)
        .add("framing", flow.framing())
        .add("headers", flow.headers)
        .add("messages", flow.messages)
        .add("calls", flow.calls);
}

JsonObject of_idle(const Idle& idle) {
    return JsonObject()
        .add("messages_a_minute", idle.messages)
        .add("bytes_a_minute", idle.bytes)
        .add("watched_seconds", idle.window)
        .add("signs_counted", idle.signs)
        .add("period_seconds", idle.period)
        .add("watched_period_seconds", idle.watched_period);
}

JsonObject of_row(const Row& row, bool curves) {
    const Transport& transport = row.transport;
    JsonObject object;
    object.add("transport", transport.name)
        .add("title", transport.title)
        .add("step", transport.step);
    if (!row.fault.empty()) return object.add("fault", row.fault);
    object.add("join_ms", row.joins)
        .add("delay_ms", row.delays)
        .add("delay_ms_all_write", row.delays_of_all)
        .add("said_late_ms_max", row.lateness)
        .add("participants", row.participants)
        .add("messages", row.messages)
        .add("bytes_sent", of_flow(row.counts.sent))
        .add("bytes_received", of_flow(row.counts.received))
        .add("tcp_ip_bytes_estimated", estimated_network_bytes(transport, row.counts))
        .add("requests", row.counts.requests)
        .add("connections", row.connections)
        .add("connections_made_while_it_wrote", row.counts.connections)
        .add("server_cpu_seconds", row.cpu_seconds)
        .add("server_kib_a_client", row.memory_kib);
    if (row.away) object.add("said_while_one_was_away", row.away->said);
    if (row.away) object.add("lost_by_it", row.away->lost);
    if (row.idle) object.add("idle_client", of_idle(*row.idle));
    if (curves) object.raw("delay_curve", curve_of(row.delays.values()));
    return object;
}

}  // namespace

std::string json(const Parameters& parameters, const std::vector<Row>& rows, bool curves) {
    std::string list;
    for (const Row& row : rows) list += (list.empty() ? "" : ",\n") + of_row(row, curves).text();
    return JsonObject()
               .add("clients", parameters.clients)
               .add("messages", parameters.messages)
               .add("rate", parameters.rate)
               .add("size", parameters.size)
               .add("delay_ms", static_cast<double>(parameters.delay.count()))
               .raw("rows", "[\n" + list + "]")
               .text() +
           "\n";
}

}  // namespace compare
