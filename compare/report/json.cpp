#include "compare/report/json.hpp"

#include <optional>

#include "common/json.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"
#include "compare/report/figures.hpp"

namespace compare {
namespace {

/// The members of one JSON object, in the order in which they are added.
class Object {
 public:
    Object& raw(const std::string& name, const std::string& json) {
        text_ += (text_.empty() ? "\"" : ",\"") + name + "\":" + json;
        return *this;
    }
    Object& add(const std::string& name, double value) { return raw(name, format("%.6g", value)); }
    Object& add(const std::string& name, std::uint64_t value) {
        return raw(name, std::to_string(value));
    }
    Object& add(const std::string& name, const std::string& text) {
        std::string json;
        lab::append_json_string(json, lab::is_utf8(text) ? text : lab::visible(text, text.size()));
        return raw(name, json);
    }
    Object& add(const std::string& name, const Object& object) { return raw(name, object.text()); }
    [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

 private:
    std::string text_;
};

std::string of_sample(const Sample& sample) {
    if (sample.empty()) return "null";
    return Object()
        .add("count", sample.values().size())
        .add("p50", sample.median())
        .add("p99", sample.percentile(99))
        .add("max", sample.most())
        .text();
}

Object of_flow(const Flow& flow) {
    Object object;
    for (const ByteKind& kind : kByteKinds) object.add(kind.name, kind.count(flow));
    return object.add("messages", flow.messages).add("calls", flow.calls);
}

Object of_idle(const Idle& idle) {
    return Object()
        .add("messages_a_minute", idle.messages)
        .add("bytes_a_minute", idle.bytes)
        .add("watched_seconds", idle.window)
        .add("signs_counted", idle.signs)
        .add("period_seconds", idle.period)
        .add("watched_period_seconds", idle.watched_period);
}

std::string of_row(const Row& row) {
    const Transport& transport = row.transport;
    Object object;
    object.add("transport", transport.name)
        .add("title", transport.title)
        .add("step", transport.step);
    if (!row.fault.empty()) return object.add("fault", row.fault).text();
    object.raw("join_ms", of_sample(row.joins))
        .raw("delay_ms", of_sample(row.delays))
        .raw("delay_ms_all_write", of_sample(row.delays_of_all))
        .add("said_late_ms_max", row.lateness)
        .add("participants", row.participants)
        .add("messages", row.messages)
        .add("bytes_sent", of_flow(row.counts.sent))
        .add("bytes_received", of_flow(row.counts.received))
        .add("tcp_ip_bytes_estimated", estimated_network_bytes(transport, row.counts))
        .add("requests", row.counts.requests)
        .add("connections", row.connections)
        .add("connections_made_while_it_wrote", row.counts.connections);
    if (row.cpu_seconds) object.add("server_cpu_seconds", *row.cpu_seconds);
    if (row.memory_kib) object.add("server_kib_a_client", *row.memory_kib);
    if (row.away) object.add("said_while_one_was_away", row.away->said);
    if (row.away) object.add("lost_by_it", row.away->lost);
    if (row.idle) object.add("idle_client", of_idle(*row.idle));
    return object.text();
}

}  // namespace

std::string json(const Parameters& parameters, const std::vector<Row>& rows) {
    std::string list;
    for (const Row& row : rows) list += (list.empty() ? "" : ",\n") + of_row(row);
    Object whole;
    whole.add("clients", parameters.clients).add("messages", parameters.messages);
    whole.add("rate", parameters.rate).add("size", parameters.size);
    whole.add("delay_ms", static_cast<double>(parameters.delay.count()));
    return whole.raw("rows", "[\n" + list + "]").text() + "\n";
}

}  // namespace compare
