#include "compare/measure/shared_room.hpp"

#include <optional>
#include <stdexcept>

#include "compare/measure/broker_process.hpp"
#include "compare/measure/chat.hpp"
#include "compare/measure/progress.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::milliseconds kSilence = 10s;
// Messages on their way at a time, in a flood, for each writer: enough to keep everybody busy.
constexpr std::size_t kMaxOnTheWay = 10;

// The writers say their messages at their rate: delays, processor time, the broker's bytes.
void add_chat(JsonObject& row, const Parameters& parameters, const Chat& chat,
              const std::vector<std::size_t>& writers, BrokerProcess* broker) {
    Session& session = chat.session();
    const BrokerTraffic before = broker ? broker->traffic() : BrokerTraffic{};
    std::optional<CpuTimer<Process>> broker_cpu;
    if (broker) broker_cpu.emplace(broker->process());
    const CpuTimer servers_cpu(chat);
    session.speak(writers, parameters.messages, parameters.rate);
    session.settle_or_throw(kSilence);
    row.add("servers_cpu_seconds", servers_cpu.seconds())
        .add("delay_ms", Sample(session.record().take_delays()))
        .add("said_late_ms_max", session.lateness());
    if (!broker) return;
    row.add("broker_cpu_seconds", broker_cpu->seconds());
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
    session.settle_or_throw(kSilence);
    const Seconds time = session.last_heard() - begin;
    row.add("deliveries_a_second", static_cast<double>(count * session.size()) / time.count());
}

// One row: `count` servers, with a broker between or, if it is null, without one.
JsonObject measure(const Parameters& parameters, const Transport& transport, std::size_t count,
                   BrokerProcess* broker) {
    std::vector<std::string> options;
    if (broker) options = {"--broker", broker->room(transport.name + "-" + std::to_string(count))};
    JsonObject row;
    row.add("transport", transport.name)
        .add("title", transport.title)
        .add("step", transport.step)
        .add("servers", count)
        .raw("broker", broker ? "true" : "false");
    JsonObject faulty = row;
    try {
        const Chat chat(parameters.bin, transport, parameters.size, 0ms, options, count);
        chat.session().gather(parameters.writers + parameters.clients, false, parameters.writers);
        auto writers = chat.session().everybody();
        writers.resize(parameters.writers);
        add_chat(row, parameters, chat, writers, broker);
        add_flood(row, parameters, chat.session(), writers);
    } catch (const std::exception& error) {
        return faulty.add("fault", error.what());
    }
    return row;
}

}  // namespace

std::string measure_shared_rooms(const Parameters& parameters) {
    BrokerProcess broker;
    const Progress progress;
    std::vector<JsonObject> rows;
    for (const Transport& transport : parameters.transports) {
        progress.tell(transport.title + ", one server alone");
        rows.push_back(measure(parameters, transport, 1, nullptr));
        for (const std::size_t count : parameters.servers) {
            progress.tell(transport.title + ", " + std::to_string(count) + " with a broker");
            rows.push_back(measure(parameters, transport, count, &broker));
        }
    }
    return JsonObject()
               .add("clients", parameters.clients)
               .add("writers", parameters.writers)
               .add("messages", parameters.messages)
               .add("rate", parameters.rate)
               .add("size", parameters.size)
               .add("rows", rows)
               .text() +
           "\n";
}

}  // namespace compare
