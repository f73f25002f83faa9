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

// So long after the last message, what has not come is lost.
constexpr std::chrono::milliseconds kPatience = 2s;

void print(const Transport& transport, const BenchOptions& options, Meeting& meeting,
           double seconds, std::optional<double> cpu) {
    const Record& record = meeting.record();
    const std::size_t lost = record.outstanding();
    const Sample delays(meeting.record().take_delays());
    std::cout << transport.step << ": " << options.clients
              << (options.clients == 1 ? " client, " : " clients, ") << three_figures(options.rate)
              << " messages a second of " << options.size << " bytes, for " << options.time.count()
              << " s\n";
    const auto heard = static_cast<double>(delays.values().size());
    std::cout << "  heard     " << delays.values().size() << ", " << three_figures(heard / seconds)
              << " a second\n  lost      " << lost << "\n";
    if (!delays.empty()) {
        std::cout << "  delay     half within " << three_figures(delays.median())
                  << " ms, 99 % within " << three_figures(delays.percentile(99)) << " ms, most "
                  << three_figures(delays.most()) << " ms\n";
    }
    if (cpu) {
        std::cout << "  server    " << three_figures(100 * *cpu / seconds) << " % of a processor, "
                  << three_figures(1e6 * *cpu / std::max(1.0, heard))
                  << " ms for 1000 messages heard\n";
    }
    std::cout << std::flush;
}

}  // namespace

bool bench(const BenchOptions& options) {
    const Transport transport = transport_of_step(options.step);
    lab::raise_descriptor_limit(3 * options.clients);
    const ServerProcess server(options.bin, transport.step, transport.options);
    Meeting meeting(transport, server.port(), options.size);
    std::optional<Progress> progress(std::in_place);
    progress->tell("connecting");
    meeting.gather(options.clients);
    progress->tell("load on " + transport.step);

    // In an echo everybody speaks for itself, so each has its part of the rate.
    const bool echo = transport.audience == Audience::oneself;
    std::vector<std::size_t> writers(echo ? options.clients : 1);
    std::iota(writers.begin(), writers.end(), 0);
    const double rate = options.rate / static_cast<double>(writers.size());
    const auto count = static_cast<std::size_t>(rate * static_cast<double>(options.time.count()));
    const auto cpu_before = server.cpu_seconds();
    const auto begin = Clock::now();
    meeting.speak(writers, std::max<std::size_t>(count, 1), rate);
    const bool whole = meeting.settle(kPatience);
    // The patience that brought nothing is no time of work.
    const auto end = whole ? Clock::now() : Clock::now() - kPatience;
    std::optional<double> cpu = server.cpu_seconds();
    if (cpu && cpu_before) *cpu -= *cpu_before;
    progress.reset();
    print(transport, options, meeting, std::chrono::duration<double>(end - begin).count(), cpu);
    return whole;
}

}  // namespace compare
