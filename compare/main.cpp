#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <stdexcept>

#include "common/options.hpp"
#include "compare/relay/relay.hpp"
#include "compare/run.hpp"
#include "compare/server_process.hpp"

namespace {

// A wrong value of `option` is bad usage.
void check(const lab::Options& options, const std::string& option,
           const std::function<void()>& look) {
    try {
        look();
    } catch (const std::runtime_error& error) {
        options.reject(option + ": " + error.what());
    }
}

int run(int argc, char** argv) {
    compare::RunOptions run;
    std::int64_t clients = 20;
    std::int64_t messages = 40;
    std::int64_t rate = 20;
    std::int64_t size = 64;
    std::int64_t delay = 0;
    run.parameters.bin = compare::default_bin();
    lab::Options options("compare run");
    options.number("clients", "N", clients, 1, 1000, "readers, beside the writer");
    options.number("messages", "N", messages, 1, 10'000, "messages that the writer says");
    options.number("rate", "R", rate, 1, 10'000, "messages a second");
    options.number("size", "BYTES", size, 8, 32 * 1024, "length of a message");
    options.number("delay", "MS", delay, 0, relay::kMaxDelay / std::chrono::milliseconds(1),
                   "one-way delay of the path");
    options.flag("brief", run.parameters.brief,
                 "only the delays and bytes of one writer, in a few seconds");
    options.texts("transport", "NAME", run.transports, "measure only this one; may be given again");
    options.text("json", "FILE", run.json_file, "write all figures to it");
    options.text("svg", "FILE", run.svg_file, "draw the figures in it");
    options.text("bin", "DIR", run.parameters.bin, "where the programs are");
    options.parse(argc, argv);
    for (const std::string& name : run.transports)
        check(options, "--transport", [&] { compare::find_transport(name); });
    run.parameters.clients = static_cast<std::size_t>(clients);
    run.parameters.messages = static_cast<std::size_t>(messages);
    run.parameters.rate = static_cast<double>(rate);
    run.parameters.size = static_cast<std::size_t>(size);
    if (delay > 0) run.parameters.delay = std::chrono::milliseconds(delay);
    std::signal(SIGPIPE, SIG_IGN);
    compare::end_servers_on_signals();
    return compare::run(run) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int bench(int argc, char** argv) {
    compare::BenchOptions bench;
    std::int64_t clients = 0;
    std::int64_t rate = 1000;
    std::int64_t size = 64;
    std::int64_t seconds = 5;
    bench.bin = compare::default_bin();
    lab::Options options("compare bench");
    options.word("STEP", bench.step, "01 to 07");
    options.number("clients", "N", clients, 1, 10'000, "clients at a time");
    options.number("rate", "R", rate, 1, 1000 * 1000, "messages a second");
    options.number("size", "BYTES", size, 8, 32 * 1024, "length of a message");
    options.number("seconds", "S", seconds, 1, 600, "length of the load");
    options.text("bin", "DIR", bench.bin, "where the programs are");
    options.parse(argc, argv);
    if (bench.step.empty()) options.reject("which step?");
    check(options, "STEP", [&] { compare::transport_of_step(bench.step); });
    const bool one_at_a_time = bench.step.starts_with("01");
    if (clients == 0) clients = one_at_a_time ? 1 : 50;
    if (one_at_a_time && clients > 1) options.reject("01 serves one client at a time");
    bench.clients = static_cast<std::size_t>(clients);
    bench.rate = static_cast<double>(rate);
    bench.size = static_cast<std::size_t>(size);
    bench.time = std::chrono::seconds(seconds);
    std::signal(SIGPIPE, SIG_IGN);
    compare::end_servers_on_signals();
    return compare::bench(bench) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("compare", {{"run", run}, {"bench", bench}}, argc, argv);
}
