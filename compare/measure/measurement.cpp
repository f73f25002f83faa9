#include "compare/measure/measurement.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>

#include "common/thread.hpp"
#include "compare/measure/chat.hpp"
#include "compare/measure/progress.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

// Without a message for this time, beyond the interval of polling and round trips, the wait ends.
constexpr std::chrono::milliseconds kSilence = 10s;
constexpr std::chrono::milliseconds kAway = 1s;
// Long enough for two signs that come every second.
constexpr std::chrono::milliseconds kWindow = 2500ms;
// Signs that are late, because a busy machine has stopped their server, are waited for this much
// longer.
constexpr std::chrono::milliseconds kMaxLateness = 5s;
constexpr std::chrono::milliseconds kBetweenLooks = 50ms;
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
        const Sample delays = one_writes();
        Sample delays_of_all;
        if (!row_.transport.is_echo() && !parameters_.brief) {
            delays_of_all = all_write();
            one_is_away();
        }
        row_.curve.add_curve("delay_curve", delays);
        row_.delays.add("join_ms", Sample(session_.joins()))
            .add("delay_ms", delays)
            .add("delay_ms_all_write", delays_of_all)
            .add("said_late_ms_max", session_.lateness());
    }

 private:
    Sample one_writes();
    Sample all_write();
    void one_is_away();
    void settle() {
        session_.settle_or_throw(kSilence + row_.transport.interval + 4 * parameters_.delay);
    }

    const Parameters& parameters_;
    Row& row_;
    Chat chat_;
    Session& session_ = chat_.session();
};

// Returns the delays, as all_write() does.
Sample ChatMeasurement::one_writes() {
    const Counts before = session_.counts();
    const auto writers = session_.usual_writers();
    const CpuTimer cpu(chat_);
    session_.speak(writers, parameters_.messages * writers.size(),
                   parameters_.rate * static_cast<double>(writers.size()));
    settle();
    const auto cpu_seconds = cpu.seconds();
    const Counts after = session_.counts();
    Counts counts = after;
    counts -= before;
    row_.work.add("participants", session_.size())
        .add("messages", parameters_.messages)
        .append(traffic(row_.transport, counts))
        .add("connections", after.connections)
        .add("connections_made_while_it_wrote", counts.connections)
        .add("server_cpu_seconds", cpu_seconds);
    return Sample(session_.record().take_delays());
}

Sample ChatMeasurement::all_write() {
    session_.speak(session_.everybody(), session_.size(), parameters_.rate);
    settle();
    return Sample(session_.record().take_delays());
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
    row_.away.add("said_while_one_was_away", end - begin)
        .add("lost_by_it", session_.record().missed(reader, begin, end));
}

// Watches a chat in which nobody speaks: the traffic of one client, both ways.
JsonObject watch(const Transport& transport, Session& session, std::size_t count) {
    session.gather(count, true);
    session.wait_for_quiet();
    const Counts before = session.counts();
    const auto begin = Clock::now();
    session.wait(kWindow);
    const auto signs_are_missing = [&] {
        return session.counts().received.messages - before.received.messages < count;
    };
    while (transport.keep_alive && signs_are_missing() &&
           Clock::now() < begin + kWindow + kMaxLateness)
        session.wait(kBetweenLooks);
    session.wait_for_quiet();
    Counts counts = session.counts();
    counts -= before;
    if (counts.sent.text + counts.received.text > 0) throw std::runtime_error("somebody spoke");

    const auto clients = static_cast<double>(count);
    const double window = Seconds(Clock::now() - begin).count();
    // Answers, pings or comments, to all clients.
    const auto signs = static_cast<double>(counts.received.messages);
    double factor = kMinute / window / clients;
    const KeepAlive keep_alive = transport.keep_alive.value_or(KeepAlive{});
    const double period = Seconds(keep_alive.period).count();
    if (transport.keep_alive) {
        if (signs < clients) throw std::runtime_error("not everybody got a sign of life");
        // Signs come by their period, however many of them the window has caught.
        factor = kMinute / period / signs;
    }
    const auto a_minute = [&](std::uint64_t sum) { return factor * static_cast<double>(sum); };
    return JsonObject()
        .add("messages_a_minute", a_minute(counts.sent.messages + counts.received.messages))
        .add("bytes_a_minute", a_minute(counts.sent.bytes + counts.received.bytes))
        .add("watched_seconds", window)
        .add("signs_counted", signs)
        .add("period_seconds", period)
        .add("watched_period_seconds", Seconds(keep_alive.short_period).count());
}

JsonObject of_flow(const Flow& flow) {
    return JsonObject()
        .add("text", flow.text)
        .add("framing", flow.framing())
        .add("headers", flow.headers)
        .add("messages", flow.messages)
        .add("calls", flow.calls);
}

JsonObject of_row(const Row& row, bool curves) {
    JsonObject object;
    object.add("transport", row.transport.name)
        .add("title", row.transport.title)
        .add("step", row.transport.step);
    if (!row.fault.empty()) return object.add("fault", row.fault);
    object.append(row.delays).append(row.work).append(row.memory).append(row.away).append(row.idle);
    return curves ? object.append(row.curve) : object;
}

}  // namespace

std::vector<Row> measure_chats(const Parameters& parameters) {
    const Progress progress;
    std::vector<Row> rows;
    for (const Transport& transport : parameters.transports)
        rows.push_back({.transport = transport});
    std::vector<std::function<void()>> polling;
    for (Row& row : rows) {
        const auto chat = std::make_shared<ChatMeasurement>(parameters, row);
        const auto measure = [&row, chat] { attempt(row, "", [&] { chat->run(); }); };
        if (row.transport.kind == ConnectionKind::polling) {
            polling.emplace_back(measure);
        } else {
            progress.tell("the chat over " + row.transport.title);
            measure();
        }
    }
    if (!polling.empty()) progress.tell("the chat by AJAX polling, all intervals side by side");
    side_by_side(polling);
    return rows;
}

void measure_memory(const Parameters& parameters, Row& row) {
    attempt(row, "with " + std::to_string(kCrowd) + " idle clients: ", [&] {
        Chat chat(parameters.bin, row.transport, parameters.size);
        // The first clients cost what the server needs only once.
        chat.session().gather(2);
        const auto before = chat.server().resident_kib();
        Session others(row.transport, {chat.server().port()}, parameters.size);
        others.gather(kCrowd);
        const auto after = chat.server().resident_kib();
        if (before && after)
            row.memory.add("server_kib_a_client", (*after - *before) / static_cast<double>(kCrowd));
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
                row.idle.add("idle_client",
                             watch(row.transport, chat->session(), parameters.clients));
            });
        });
    }
    side_by_side(works);
}

JsonObject traffic(const Transport& transport, const Counts& counts) {
    constexpr std::uint64_t kUdpAndIp = 8 + 20;
    constexpr std::uint64_t kTcpAndIp = 20 + 20;
    const bool datagrams = transport.kind == ConnectionKind::datagrams;
    const std::uint64_t calls = counts.sent.calls + counts.received.calls;
    return JsonObject()
        .add("bytes_sent", of_flow(counts.sent))
        .add("bytes_received", of_flow(counts.received))
        .add("tcp_ip_bytes_estimated",
             static_cast<double>(calls * (datagrams ? kUdpAndIp : 2 * kTcpAndIp)))
        .add("requests", counts.requests);
}

std::string json(const Parameters& parameters, const std::vector<Row>& rows, bool curves) {
    std::vector<JsonObject> objects;
    for (const Row& row : rows) objects.push_back(of_row(row, curves));
    return JsonObject()
               .add("clients", parameters.clients)
               .add("messages", parameters.messages)
               .add("rate", parameters.rate)
               .add("size", parameters.size)
               .add("delay_ms", static_cast<double>(parameters.delay.count()))
               .add("rows", objects)
               .text() +
           "\n";
}

}  // namespace compare
