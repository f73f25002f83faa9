// The rows as JSON. Names and titles are ours and need no escape; a fault may say anything.
#include <array>
#include <cstdio>

#include "07_longpoll/json.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"
#include "compare/tables.hpp"

namespace compare {
namespace {

std::string number(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

/// Puts members of one object together. A plain value.
class Object {
 public:
    Object& raw(const std::string& name, const std::string& json) {
        text_ += (text_.empty() ? "\"" : ",\"") + name + "\":" + json;
        return *this;
    }
    Object& add(const std::string& name, double value) { return raw(name, number(value)); }
    Object& add(const std::string& name, std::uint64_t value) {
        return raw(name, std::to_string(value));
    }
    [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

 private:
    std::string text_;
};

std::string json_string(const std::string& text) {
    std::string json;
    longpoll::append_string(json, lab::is_utf8(text) ? text : lab::visible(text, text.size()));
    return json;
}

std::string of_sample(const Sample& sample) {
    if (sample.empty()) return "null";
    return Object()
        .add("count", std::uint64_t{sample.values().size()})
        .add("p50", sample.median())
        .add("p99", sample.percentile(99))
        .add("max", sample.most())
        .text();
}

std::string of_flow(const Flow& flow) {
    return Object()
        .add("text", flow.text)
        .add("framing", flow.framing)
        .add("heads", flow.heads)
        .add("messages", flow.messages)
        .add("calls", flow.calls)
        .text();
}

std::string of_idle(const Idle& idle) {
    return Object()
        .add("messages_a_minute", idle.messages)
        .add("bytes_a_minute", idle.bytes)
        .add("watched_seconds", idle.window)
        .add("signs_counted", idle.beats)
        .add("period_seconds", idle.period)
        .add("watched_period_seconds", idle.watched_period)
        .text();
}

std::string of_row(const Row& row) {
    Object object;
    object.raw("transport", json_string(row.transport.name));
    object.raw("title", json_string(row.transport.title));
    object.raw("step", json_string(row.transport.step));
    if (!row.fault.empty()) return object.raw("fault", json_string(row.fault)).text();
    object.raw("join_ms", of_sample(row.joins));
    object.raw("delay_ms", of_sample(row.delays));
    object.raw("delay_ms_all_write", of_sample(row.delays_of_all));
    object.add("said_late_ms_max", row.lateness);
    object.add("participants", std::uint64_t{row.participants});
    object.add("messages", std::uint64_t{row.messages});
    object.raw("bytes_sent", of_flow(row.counts.sent));
    object.raw("bytes_received", of_flow(row.counts.received));
    object.add("tcp_ip_bytes_estimated", estimated_network_bytes(row.transport, row.counts));
    object.add("requests", row.counts.requests);
    object.add("connections", row.connections);
    object.add("connections_made_while_it_wrote", row.counts.connections);
    if (row.cpu_seconds) object.add("server_cpu_seconds", *row.cpu_seconds);
    if (row.memory_kib) object.add("server_kib_a_client", *row.memory_kib);
    if (row.away) {
        object.add("said_while_one_was_away", std::uint64_t{row.away->said});
        object.add("lost_by_it", std::uint64_t{row.away->lost});
    }
    if (row.idle) object.raw("idle_client", of_idle(*row.idle));
    return object.text();
}

}  // namespace

std::string json(const Parameters& parameters, const std::vector<Row>& rows) {
    std::string list;
    for (const Row& row : rows) list += (list.empty() ? "" : ",\n") + of_row(row);
    const auto delay =
        static_cast<double>(parameters.delay.value_or(std::chrono::milliseconds(0)).count());
    return Object()
               .add("clients", std::uint64_t{parameters.clients})
               .add("messages", std::uint64_t{parameters.messages})
               .add("rate", parameters.rate)
               .add("size", std::uint64_t{parameters.size})
               .add("delay_ms", delay)
               .raw("rows", "[\n" + list + "]")
               .text() +
           "\n";
}

}  // namespace compare
