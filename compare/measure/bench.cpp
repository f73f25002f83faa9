#include "compare/measure/bench.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "common/descriptor_limit.hpp"
#include "compare/measure/chat.hpp"
#include "compare/measure/progress.hpp"
#include "compare/measure/row.hpp"
#include "compare/report/figures.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

// After this time without a message, what is missing is lost.
constexpr std::chrono::milliseconds kSilence = 2s;
// The longest wait after the last message was said.
constexpr std::chrono::milliseconds kMaxWait = 10s;
// A message of the last moment may leave this much later.
constexpr std::chrono::milliseconds kGrace = 100ms;
// Besides one for each client.
constexpr std::size_t kOtherDescriptors = 64;

/// The load that a server was given, and its result.
struct Result {
    std::size_t due = 0;   // messages that should have been said
    std::size_t said = 0;  // those for which there was time
    double lateness = 0;   // milliseconds, at most, from due to said
    Sample delays{};       // milliseconds from due to heard
    std::size_t lost = 0;
    std::size_t under_way = 0;  // they still came when the wait was over
    bool whole = false;         // all was heard, and confirmed
    double seconds = 0;         // from the first message until the last was due and heard
    std::optional<double> cpu_seconds{};
};

Result put_load(Chat& chat, const Transport& transport, const BenchOptions& options) {
    Session& session = chat.session();
    const auto time = std::chrono::seconds(options.seconds);
    Result result{.due = static_cast<std::size_t>(options.rate * static_cast<double>(time / 1s))};
    // In an echo everybody speaks, in turn.
    const auto writers = transport.is_echo() ? session.everybody() : std::vector<std::size_t>{0};
    const CpuTimer cpu(chat.server());
    const auto begin = Clock::now();
    result.said = session.speak(writers, result.due, options.rate, begin + time + kGrace);
    result.lateness = session.lateness();
    result.whole = session.settle(kSilence, Clock::now() + kMaxWait);
    const bool silent = Clock::now() >= session.last_heard() + kSilence;
    (silent ? result.lost : result.under_way) = session.record().outstanding();
    result.delays = Sample(session.record().take_delays());
    const std::chrono::duration<double> worked = session.last_heard() - begin;
    result.seconds = std::max(static_cast<double>(options.seconds), worked.count());
    result.cpu_seconds = cpu.seconds();
    return result;
}

void print(const Transport& transport, const BenchOptions& options, const Result& result) {
    std::cout << transport.step << ": " << options.clients
              << (options.clients == 1 ? " client, " : " clients, ") << three_figures(options.rate)
              << " messages a second of " << options.size << " bytes, for " << options.seconds
              << " s\n";
    if (result.said < result.due) {
        std::cout << "  said      only " << whole_number(result.said) << " of "
                  << whole_number(result.due) << ": this program was too slow for more\n";
    }
    if (result.lateness > kMaxLateness) {
        std::cout << "  late      up to " << three_figures(result.lateness)
                  << " ms when they were said: this program was late, not the server;\n"
                  << "            the delays hold it\n";
    }
    const Sample& delays = result.delays;
    const auto heard = static_cast<double>(delays.values().size());
    std::cout << "  heard     " << whole_number(delays.values().size()) << ", "
              << three_figures(heard / result.seconds) << " a second\n  lost      "
              << whole_number(result.lost) << "\n";
    if (result.under_way > 0) {
        std::cout << "  not yet   " << whole_number(result.under_way) << ": they still came "
                  << kMaxWait / 1s << " s after the last was said\n";
    }
    if (!delays.empty()) {
        std::cout << "  delay     half within " << three_figures(delays.median())
                  << " ms, 99 % within " << three_figures(delays.percentile(99)) << " ms, most "
                  << three_figures(delays.most()) << " ms\n";
    }
    if (result.cpu_seconds) {
        std::cout << "  server    " << three_figures(100 * *result.cpu_seconds / result.seconds)
                  << " % of a processor, "
                  << three_figures(1e6 * *result.cpu_seconds / std::max(1.0, heard))
                  << " ms for 1000 messages heard\n";
    }
    std::cout << std::flush;
}

}  // namespace

bool bench(const BenchOptions& options) {
    const Transport transport = transport_of_step(options.step);
    lab::raise_descriptor_limit(options.clients + kOtherDescriptors, "--clients", options.clients);
    Result result;
    {
        const Progress progress;
        std::vector<std::string> more;
        if (!options.broker.empty()) more = {"--broker", options.broker};
        Chat chat(options.bin, transport, options.size, {}, more);
        progress.tell("connecting");
        chat.session().gather(options.clients);
        progress.tell("load on " + transport.step);
        result = put_load(chat, transport, options);
    }
    print(transport, options, result);
    return result.whole;
}

}  // namespace compare
