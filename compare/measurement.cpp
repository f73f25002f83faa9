#include "compare/measurement.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "common/thread.hpp"
#include "compare/meeting.hpp"
#include "compare/path.hpp"
#include "compare/server_process.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

// How long nothing may be heard, beyond the interval of those who poll, and round trips.
constexpr std::chrono::milliseconds kSilence = 10s;
constexpr std::chrono::milliseconds kAway = 1s;

/// One transport's chat: its server, the path to it, and who takes part. One thread at a time.
class Chat {
 public:
    // Starts processes, which inherit what is open: so before any other thread opens sockets.
    Chat(const Parameters& parameters, const Transport& transport)
        : parameters_(parameters),
          path_(parameters, transport),
          meeting_(transport, path_.port(), parameters.size),
          row_{.transport = transport} {}

    Row measure() {
        try {
            meeting_.gather(parameters_.clients + 1);
            row_.participants = meeting_.size();
            row_.joins = Sample(meeting_.joins());
            one_writes();
            if (row_.transport.audience == Audience::oneself || parameters_.brief) return row_;
            all_write();
            one_is_away();
        } catch (const std::exception& error) {
            row_.fault = error.what();
        }
        return row_;
    }

 private:
    void one_writes();
    void all_write();
    void one_is_away();
    [[nodiscard]] std::vector<std::size_t> everybody() const;
    void settle();

    const Parameters& parameters_;
    Path path_;
    Meeting meeting_;
    Row row_;
};

std::vector<std::size_t> Chat::everybody() const {
    std::vector<std::size_t> all(meeting_.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
}

void Chat::settle() {
    const auto round_trips = 4 * parameters_.delay.value_or(0ms);
    if (!meeting_.settle(kSilence + row_.transport.interval + round_trips))
        throw std::runtime_error(meeting_.outstanding());
}

void Chat::one_writes() {
    const Counts before = meeting_.counts();
    const auto cpu_before = path_.server().cpu_seconds();
    const bool echo = row_.transport.audience == Audience::oneself;
    // In an echo everybody speaks for itself.
    const auto writers = echo ? everybody() : std::vector<std::size_t>{0};
    meeting_.speak(writers, parameters_.messages * writers.size(),
                   parameters_.rate * static_cast<double>(writers.size()));
    settle();
    const auto cpu = path_.server().cpu_seconds();
    if (cpu && cpu_before) row_.cpu_seconds = *cpu - *cpu_before;
    row_.counts = meeting_.counts();
    row_.connections = row_.counts.connections;
    row_.counts -= before;
    row_.messages = parameters_.messages;
    row_.lateness = meeting_.lateness();
    row_.delays = Sample(meeting_.record().take_delays());
}

void Chat::all_write() {
    meeting_.speak(everybody(), meeting_.size(), parameters_.rate);
    settle();
    row_.delays_of_all = Sample(meeting_.record().take_delays());
    row_.lateness = meeting_.lateness();
}

void Chat::one_is_away() {
    const std::size_t reader = meeting_.size() - 1;
    meeting_.leave(reader);
    const std::size_t begin = meeting_.record().said();
    const auto count = static_cast<std::size_t>(parameters_.rate * (kAway / 1ms) / 1000);
    const auto until = Clock::now() + kAway;
    meeting_.speak({0}, std::max<std::size_t>(count, 1), parameters_.rate);
    // Everybody else has them, so they were really said while it was away.
    settle();
    const std::size_t end = meeting_.record().said();
    if (Clock::now() < until)
        meeting_.wait(std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()));
    meeting_.come_back(reader);
    row_.away = {.said = end - begin, .lost = meeting_.record().missed(reader, begin, end)};
}

}  // namespace

double estimated_network_bytes(const Transport& transport, const Counts& counts) {
    const auto calls = static_cast<double>(counts.sent.calls + counts.received.calls);
    constexpr double kUdpAndIp = 8 + 20;
    constexpr double kTcpAndIp = 20 + 20;
    return transport.way == Way::datagrams ? calls * kUdpAndIp : calls * 2 * kTcpAndIp;
}

std::vector<Row> measure_chats(const Parameters& parameters,
                               const std::vector<Transport>& transports,
                               const std::function<void(const std::string&)>& tell) {
    std::vector<Row> rows(transports.size());
    std::vector<std::pair<std::size_t, std::unique_ptr<Chat>>> polling;
    for (std::size_t i = 0; i < transports.size(); ++i) {
        auto chat = std::make_unique<Chat>(parameters, transports[i]);
        if (transports[i].way == Way::polling) {
            polling.emplace_back(i, std::move(chat));
            continue;
        }
        tell("the chat over " + transports[i].title);
        rows[i] = chat->measure();
    }
    if (!polling.empty()) tell("the chat by AJAX polling, all intervals side by side");
    std::vector<lab::Thread> threads;
    for (const auto& entry : polling) {
        threads.emplace_back(
            [&row = rows[entry.first], &chat = *entry.second] { row = chat.measure(); });
    }
    threads.clear();
    return rows;
}

}  // namespace compare
