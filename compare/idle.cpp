// The cost of a transport while nobody speaks: memory of the server, and what comes all the same.
#include <algorithm>
#include <memory>
#include <stdexcept>

#include "common/thread.hpp"
#include "compare/measurement.hpp"
#include "compare/meeting.hpp"
#include "compare/path.hpp"
#include "compare/server_process.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

// Long enough for two of the things that come every second.
constexpr std::chrono::milliseconds kWindow = 2500ms;
constexpr double kMinute = 60;

double seconds_of(std::chrono::milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

/// A chat in which nobody speaks, whose beats come in their short period. One thread at a time.
class Silence {
 public:
    Silence(const Parameters& parameters, const Transport& transport)
        : transport_(transport),
          server_(parameters.bin, transport.step, options_of(transport)),
          meeting_(transport, server_.port(), parameters.size),
          clients_(parameters.clients) {}

    void measure(Row& row) {
        try {
            row.idle = watch();
        } catch (const std::exception& error) {
            row.fault = std::string("while nobody spoke: ") + error.what();
        }
    }

 private:
    static std::vector<std::string> options_of(const Transport& transport) {
        std::vector<std::string> options = transport.options;
        if (transport.beat) {
            const auto& shorter = transport.beat->server_options;
            options.insert(options.end(), shorter.begin(), shorter.end());
        }
        return options;
    }
    Idle watch();

    const Transport transport_;
    const ServerProcess server_;
    Meeting meeting_;
    const std::size_t clients_;
};

Idle Silence::watch() {
    meeting_.gather(clients_, true);
    meeting_.wait_for_quiet();
    Counts counts = meeting_.counts();
    const auto begin = Clock::now();
    const Counts before = counts;
    meeting_.wait(kWindow);
    meeting_.wait_for_quiet();
    counts = meeting_.counts();
    counts -= before;
    if (counts.sent.text + counts.received.text > 0) throw std::runtime_error("somebody spoke");

    const auto clients = static_cast<double>(clients_);
    const auto messages = static_cast<double>(counts.sent.messages + counts.received.messages);
    const auto bytes = static_cast<double>(counts.sent.bytes() + counts.received.bytes());
    Idle idle;
    idle.window = std::chrono::duration<double>(Clock::now() - begin).count();
    idle.beats = static_cast<double>(counts.received.messages);
    // What comes again and again is known by its period; anything else, by the time it took.
    double times = kMinute / idle.window / clients;
    if (transport_.beat) {
        if (idle.beats < clients) throw std::runtime_error("not everybody got a sign of life");
        idle.period = seconds_of(transport_.beat->period);
        idle.watched_period = seconds_of(transport_.beat->short_period);
        times = kMinute / idle.period / idle.beats;
    }
    idle.messages = messages * times;
    idle.bytes = bytes * times;
    return idle;
}

}  // namespace

void measure_memory(const Parameters& parameters, Row& row, std::size_t crowd) {
    try {
        const ServerProcess server(parameters.bin, row.transport.step, row.transport.options);
        // The first ones cost what the server needs only once.
        Meeting first(row.transport, server.port(), parameters.size);
        first.gather(2);
        const auto before = server.resident_kib();
        Meeting others(row.transport, server.port(), parameters.size);
        others.gather(crowd);
        const auto after = server.resident_kib();
        if (before && after) row.memory_kib = (*after - *before) / static_cast<double>(crowd);
    } catch (const std::exception& error) {
        row.fault = std::string("with ") + std::to_string(crowd) + " idle clients: " + error.what();
    }
}

void measure_idleness(const Parameters& parameters, std::vector<Row>& rows) {
    // All processes before any thread: see Chat.
    std::vector<std::unique_ptr<Silence>> silences(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].fault.empty()) continue;
        silences[i] = std::make_unique<Silence>(parameters, rows[i].transport);
    }
    std::vector<lab::Thread> threads;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!silences[i]) continue;
        threads.emplace_back([&row = rows[i], &silence = *silences[i]] { silence.measure(row); });
    }
    threads.clear();
}

}  // namespace compare
