#include "compare/measure/shared_room.hpp"

#include <list>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "compare/measure/broker_process.hpp"
#include "compare/measure/session.hpp"
#include "compare/report/json_object.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::milliseconds kSilence = 10s;
// Messages on their way at a time, in a flood, for each writer: enough to keep everybody busy.
constexpr std::size_t kMaxOnTheWay = 10;

/// Servers of one step, and the session of the participants that are spread over them.
class Servers {
 public:
    Servers(const Parameters& parameters, const Transport& transport, std::size_t count,
            const std::vector<std::string>& options) {
        std::vector<std::string> ports;
        for (std::size_t i = 0; i < count; ++i) {
            servers_.emplace_back(parameters.bin, transport.step, options);
            ports.push_back(servers_.back().port());
        }
        session_.emplace(transport, ports, parameters.size);
    }
    [[nodiscard]] Session& session() { return *session_; }
    /// Of all together.
    [[nodiscard]] std::optional<double> cpu_seconds() const {
        double sum = 0;
        for (const ServerProcess& server : servers_) {
            const auto seconds = server.cpu_seconds();
            if (!seconds) return std::nullopt;
            sum += *seconds;
        }
        return sum;
    }

 private:
    std::list<ServerProcess> servers_;
    std::optional<Session> session_;
};

void settle(Session& session) {
    if (!session.settle(kSilence)) throw std::runtime_error(session.outstanding());
}

// The writers say their messages at their rate: delays, processor time, the broker's bytes.
void add_chat(JsonObject& row, const Parameters& parameters, Servers& servers,
              const std::vector<std::size_t>& writers, BrokerProcess* broker) {
    Session& session = servers.session();
    const BrokerTraffic before = broker ? broker->traffic() : BrokerTraffic{};
    const auto broker_before = broker ? broker->process().cpu_seconds() : std::nullopt;
    const auto servers_before = servers.cpu_seconds();
    session.speak(writers, parameters.messages, parameters.rate);
    settle(session);
    const auto servers_after = servers.cpu_seconds();
    row.add("delay_ms", Sample(session.record().take_delays()))
        .add("said_late_ms_max", session.lateness());
    if (servers_before) row.add("servers_cpu_seconds", *servers_after - *servers_before);
    if (!broker) return;
    if (broker_before)
        row.add("broker_cpu_seconds", *broker->process().cpu_seconds() - *broker_before);
    const BrokerTraffic after = broker->traffic();
    row.add("broker_bytes_received", after.received - before.received)
        .add("broker_bytes_sent", after.sent - before.sent);
}

// The writers say as much as is heard, for as long as the chat took.
void add_flood(JsonObject& row, const Parameters& parameters, Session& session,
               const std::vector<std::size_t>& writers) {
    const Seconds length(static_cast<double>(parameters.messages) / parameters.rate);
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(length);
    const std::size_t count = session.flood(writers, kMaxOnTheWay * writers.size(), end);
    settle(session);
    const Seconds time = session.last_heard() - begin;
    row.add("deliveries_a_second", static_cast<double>(count * session.size()) / time.count());
}

// One row: `count` servers, with a broker between or, if it is null, without one.
JsonObject measure(const Parameters& parameters, const Transport& transport, std::size_t count,
                   BrokerProcess* broker) {
    std::vector<std::string> options;
    if (parameters.bin == default_bin()) options = transport.options;
    const std::string room = transport.name + "-" + std::to_string(count);
    if (broker) options.insert(options.end(), {"--broker", broker->room(room)});
    JsonObject row;
    row.add("transport", transport.name)
        .add("title", transport.title)
        .add("step", transport.step)
        .add("servers", count)
        .raw("broker", broker ? "true" : "false");
    JsonObject faulty = row;
    try {
        Servers servers(parameters, transport, count, options);
        servers.session().gather(parameters.writers + parameters.clients, false,
                                 parameters.writers);
        std::vector<std::size_t> writers(parameters.writers);
        std::iota(writers.begin(), writers.end(), 0);
        add_chat(row, parameters, servers, writers, broker);
        add_flood(row, parameters, servers.session(), writers);
    } catch (const std::exception& error) {
        return faulty.add("fault", error.what());
    }
    return row;
}

}  // namespace

std::string measure_shared_rooms(const Parameters& parameters,
                                 const std::vector<Transport>& transports,
                                 const std::function<void(const std::string&)>& tell) {
    BrokerProcess broker;
    std::string rows;
    const auto add = [&](const JsonObject& row) {
        rows += (rows.empty() ? "" : ",\n") + row.text();
    };
    for (const Transport& transport : transports) {
        tell(transport.title + ", one server alone");
        add(measure(parameters, transport, 1, nullptr));
        for (const std::size_t count : parameters.servers) {
            tell(transport.title + ", " + std::to_string(count) + " with a broker");
            add(measure(parameters, transport, count, &broker));
        }
    }
    return JsonObject()
               .add("clients", parameters.clients)
               .add("writers", parameters.writers)
               .add("messages", parameters.messages)
               .add("rate", parameters.rate)
               .add("size", parameters.size)
               .raw("rows", "[\n" + rows + "]")
               .text() +
           "\n";
}

}  // namespace compare
