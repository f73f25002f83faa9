// Load on one step: so many clients, so many messages a second.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <optional>

#include "common/descriptor_limit.hpp"
#include "compare/meeting.hpp"
#include "compare/progress.hpp"
#include "compare/run.hpp"
#include "compare/server_process.hpp"
#include "compare/table.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

// When so long nothing has come, what is missing is lost.
constexpr std::chrono::milliseconds kSilence = 2s;
// Nothing is waited for that comes so long after the last message.
constexpr std::chrono::milliseconds kPatience = 10s;
// So long after its end, a message of the last moment may leave.
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
    std::size_t under_way = 0;  // they still came when nobody waited any more
    double seconds = 0;         // for which it was to last, or longer, until the last was heard
    std::optional<double> cpu_seconds{};
};

void print_load(const Result& result) {
    if (result.said < result.due) {
        std::cout << "  said      only " << whole_number(result.said) << " of "
                  << whole_number(result.due) << ": this program was too slow for more\n";
    }
    if (result.lateness > kMuchLateness) {
        std::cout << "  late      up to " << three_figures(result.lateness)
                  << " ms when they were said: this program was late, not the server;\n"
                  << "            the delays hold it\n";
    }
}

void print(const Transport& transport, const BenchOptions& options, const Result& result) {
    const Sample& delays = result.delays;
    std::cout << transport.step << ": " << options.clients
              << (options.clients == 1 ? " client, " : " clients, ") << three_figures(options.rate)
              << " messages a second of " << options.size << " bytes, for " << options.time.count()
              << " s\n";
    print_load(result);
    const auto heard = static_cast<double>(delays.values().size());
    std::cout << "  heard     " << whole_number(delays.values().size()) << ", "
              << three_figures(heard / result.seconds) << " a second\n  lost      "
              << whole_number(result.lost) << "\n";
    if (result.under_way > 0) {
        std::cout << "  not yet   " << whole_number(result.under_way) << ": they still came "
                  << kPatience / 1s << " s after the last was said\n";
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
    const ServerProcess server(options.bin, transport.step, transport.options);
    Meeting meeting(transport, server.port(), options.size);
    std::optional<Progress> progress(std::in_place);
    progress->tell("connecting");
    meeting.gather(options.clients);
    progress->tell("load on " + transport.step);

    // In an echo everybody speaks, in turn.
    const bool echo = transport.audience == Audience::oneself;
    std::vector<std::size_t> writers(echo ? options.clients : 1);
    std::iota(writers.begin(), writers.end(), 0);
    const double seconds = std::chrono::duration<double>(options.time).count();
    Result result{.due = static_cast<std::size_t>(options.rate * seconds)};
    const auto cpu_before = server.cpu_seconds();
    const auto begin = Clock::now();
    result.said = meeting.speak(writers, result.due, options.rate, begin + options.time + kGrace);
    result.lateness = meeting.lateness();
    const bool whole = meeting.settle(kSilence, Clock::now() + kPatience);
    const bool silent = Clock::now() >= meeting.last_heard() + kSilence;
    (silent ? result.lost : result.under_way) = meeting.record().outstanding();
    result.delays = Sample(meeting.record().take_delays());
    const std::chrono::duration<double> worked = meeting.last_heard() - begin;
    result.seconds = std::max(seconds, worked.count());
    const auto cpu = server.cpu_seconds();
    if (cpu && cpu_before) result.cpu_seconds = *cpu - *cpu_before;
    progress.reset();
    print(transport, options, result);
    return whole;
}

}  // namespace compare
