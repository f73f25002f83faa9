#include "compare/measure/measurement.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "common/thread.hpp"
#include "compare/measure/chat.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

// Without a message for this time, beyond the interval of polling and round trips, the wait ends.
constexpr std::chrono::milliseconds kSilence = 10s;
constexpr std::chrono::milliseconds kAway = 1s;
// Long enough for two signs that come every second.
constexpr std::chrono::milliseconds kWindow = 2500ms;
constexpr double kMinute = 60;

// Does `work`, and puts what goes wrong in the row.
void attempt(Row& row, const std::string& prefix, const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& error) {
        row.fault = prefix + error.what();
    }
}

// Does each of `works` in a thread of its own.
void side_by_side(const std::vector<std::function<void()>>& works) {
    std::vector<lab::Thread> threads;
    for (const auto& work : works) threads.emplace_back(work);
}

/// The chat of one transport, measured.
class ChatMeasurement {
 public:
    ChatMeasurement(const Parameters& parameters, Row& row)
        : parameters_(parameters),
          row_(row),
          chat_(parameters.bin, row.transport, parameters.size, parameters.delay) {}

    void run() {
        session_.gather(parameters_.clients + 1);
        row_.participants = session_.size();
        row_.joins = Sample(session_.joins());
        one_writes();
        if (row_.transport.is_echo() || parameters_.brief) return;
        all_write();
        one_is_away();
    }

 private:
    void one_writes();
    void all_write();
    void one_is_away();
    void settle();

    const Parameters& parameters_;
    Row& row_;
    Chat chat_;
    Session& session_ = chat_.session();
};

void ChatMeasurement::settle() {
    if (!session_.settle(kSilence + row_.transport.interval + 4 * parameters_.delay))
        throw std::runtime_error(session_.outstanding());
    row_.lateness = session_.lateness();
}

void ChatMeasurement::one_writes() {
    const Counts before = session_.counts();
    const auto writers = session_.usual_writers();
    const CpuTimer cpu(chat_);
    session_.speak(writers, parameters_.messages * writers.size(),
                   parameters_.rate * static_cast<double>(writers.size()));
    settle();
    row_.cpu_seconds = cpu.seconds();
    row_.counts = session_.counts();
    row_.connections = row_.counts.connections;
    row_.counts -= before;
    row_.messages = parameters_.messages;
    row_.delays = Sample(session_.record().take_delays());
}

void ChatMeasurement::all_write() {
    session_.speak(session_.everybody(), session_.size(), parameters_.rate);
    settle();
    row_.delays_of_all = Sample(session_.record().take_delays());
}

void ChatMeasurement::one_is_away() {
    const std::size_t reader = session_.size() - 1;
    session_.leave(reader);
    const std::size_t begin = session_.record().said();
    const auto until = Clock::now() + kAway;
    const auto count = static_cast<std::size_t>(parameters_.rate * Seconds(kAway).count());
    session_.speak({0}, std::max<std::size_t>(count, 1), parameters_.rate);
    // Everybody else has heard them: so they were really said while it was away.
    settle();
    const std::size_t end = session_.record().said();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    session_.wait(std::max(left, 0ms));
    session_.come_back(reader);
    row_.away = {.said = end - begin, .lost = session_.record().missed(reader, begin, end)};
}

// Watches a chat in which nobody speaks.
Idle watch(const Transport& transport, Session& session, std::size_t count) {
    session.gather(count, true);
    session.wait_for_quiet();
    const Counts before = session.counts();
    const auto begin = Clock::now();
    session.wait(kWindow);
    session.wait_for_quiet();
    Counts counts = session.counts();
    counts -= before;
    if (counts.sent.text + counts.received.text > 0) throw std::runtime_error("somebody spoke");

    const auto clients = static_cast<double>(count);
    Idle idle{.window = Seconds(Clock::now() - begin).count(),
              .signs = static_cast<double>(counts.received.messages)};
    double factor = kMinute / idle.window / clients;
    if (transport.keep_alive) {
        if (idle.signs < clients) throw std::runtime_error("not everybody got a sign of life");
        idle.period = Seconds(transport.keep_alive->period).count();
        idle.watched_period = Seconds(transport.keep_alive->short_period).count();
        // Signs come by their period, however many of them the window has caught.
        factor = kMinute / idle.period / idle.signs;
    }
    idle.messages = factor * static_cast<double>(counts.sent.messages + counts.received.messages);
    idle.bytes = factor * static_cast<double>(counts.sent.bytes + counts.received.bytes);
    return idle;
}

}  // namespace

std::vector<Row> measure_chats(const Parameters& parameters,
                               const std::vector<Transport>& transports,
                               const std::function<void(const std::string&)>& tell) {
    std::vector<Row> rows;
    for (const Transport& transport : transports) rows.push_back({.transport = transport});
    std::vector<std::function<void()>> polling;
    for (Row& row : rows) {
        const auto chat = std::make_shared<ChatMeasurement>(parameters, row);
        const auto measure = [&row, chat] { attempt(row, "", [&] { chat->run(); }); };
        if (row.transport.kind == ConnectionKind::polling) {
            polling.emplace_back(measure);
        } else {
            tell("the chat over " + row.transport.title);
            measure();
        }
    }
    if (!polling.empty()) tell("the chat by AJAX polling, all intervals side by side");
    side_by_side(polling);
    return rows;
}

void measure_memory(const Parameters& parameters, Row& row, std::size_t crowd) {
    attempt(row, "with " + std::to_string(crowd) + " idle clients: ", [&] {
        Chat chat(parameters.bin, row.transport, parameters.size);
        // The first clients cost what the server needs only once.
        chat.session().gather(2);
        const auto before = chat.server().resident_kib();
        Session others(row.transport, chat.server().port(), parameters.size);
        others.gather(crowd);
        const auto after = chat.server().resident_kib();
        if (before && after) row.memory_kib = (*after - *before) / static_cast<double>(crowd);
    });
}

void measure_idleness(const Parameters& parameters, std::vector<Row>& rows) {
    std::vector<std::function<void()>> works;
    for (Row& row : rows) {
        if (!row.fault.empty()) continue;
        const KeepAlive keep_alive = row.transport.keep_alive.value_or(KeepAlive{});
        const auto chat =
            std::make_shared<Chat>(parameters.bin, row.transport, parameters.size,
                                   std::chrono::milliseconds(0), keep_alive.server_options);
        works.emplace_back([&row, &parameters, chat] {
            attempt(row, "while nobody spoke: ", [&] {
                row.idle = watch(row.transport, chat->session(), parameters.clients);
            });
        });
    }
    side_by_side(works);
}

}  // namespace compare
