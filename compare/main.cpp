// The program `compare`: one chat over every transport, measured; and load on one step.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "common/broker_address.hpp"
#include "common/descriptor_limit.hpp"
#include "common/options.hpp"
#include "compare/measure/bench.hpp"
#include "compare/measure/measurement.hpp"
#include "compare/measure/progress.hpp"
#include "compare/measure/server_process.hpp"
#include "compare/relay/relay.hpp"
#include "compare/report/json.hpp"
#include "compare/report/show.hpp"

namespace {

using namespace compare;

// A server gets its memory in pages: so many idle clients show how much one of them takes.
constexpr std::size_t kCrowd = 200;
// Sockets of a participant, at most; with a relay between, its two for each of them come on top.
constexpr std::size_t kSockets = 2;
constexpr std::size_t kSocketsWithRelay = 6;
// Pipes, listeners and files are far fewer.
constexpr std::size_t kOtherDescriptors = 100;
// A brief run does not wait for the slowest transport.
constexpr const char* kSlowest = "ajax-5000";

// A file is made before anything is measured, because that may fail; without a name, none.
std::ofstream open_file(const std::string& name) {
    std::ofstream file;
    if (!name.empty()) file.open(name);
    if (!file) throw std::runtime_error(name + ": cannot be written");
    return file;
}

// A wrong value of `option` is bad usage.
void check(const lab::Options& options, const std::string& option,
           const std::function<void()>& look) {
    try {
        look();
    } catch (const std::runtime_error& error) {
        options.reject(option + ": " + error.what());
    }
}

// Transports that poll are measured side by side, and all idle ones are, without a relay.
std::size_t most_descriptors(const Parameters& parameters,
                             const std::vector<Transport>& transports) {
    const auto polling = static_cast<std::size_t>(
        std::ranges::count(transports, ConnectionKind::polling, &Transport::kind));
    const std::size_t sockets = parameters.delay.count() > 0 ? kSocketsWithRelay : kSockets;
    const std::size_t speaking = sockets * std::max<std::size_t>(1, polling);
    const std::size_t silent = parameters.brief ? 0 : transports.size();
    return std::max(speaking, silent) * (parameters.clients + 1) + kCrowd + kOtherDescriptors;
}

std::vector<Row> measure(const Parameters& parameters, const std::vector<Transport>& transports) {
    const Progress progress;
    std::vector<Row> rows = measure_chats(parameters, transports,
                                          [&](const std::string& what) { progress.tell(what); });
    if (parameters.brief) return rows;
    progress.tell("what idle clients cost");
    for (Row& row : rows)
        if (row.fault.empty()) measure_memory(parameters, row, kCrowd);
    measure_idleness(parameters, rows);
    return rows;
}

void prepare_for_servers() {
    std::signal(SIGPIPE, SIG_IGN);
    end_servers_on_signals();
}

int run(int argc, char** argv) {
    Parameters parameters{.bin = default_bin()};
    std::int64_t delay = 0;
    std::vector<std::string> names;
    std::string json_file, svg_file;
    lab::Options options("compare run");
    options.number("clients", "N", parameters.clients, 1, 1000, "readers, beside the writer");
    options.number("messages", "N", parameters.messages, 1, 10'000,
                   "messages that the writer says");
    options.number("rate", "R", parameters.rate, 1, 10'000, "messages a second");
    options.number("size", "BYTES", parameters.size, 8, 32 * 1024, "length of a message");
    options.number("delay", "MS", delay, 0, relay::kMaxDelay.count(), "one-way delay of the path");
    options.flag("brief", parameters.brief,
                 "only the delays and bytes of one writer, in a few seconds");
    options.texts("transport", "NAME", names, "measure only this one; may be given again");
    options.text("json", "FILE", json_file, "write all figures to it");
    options.text("svg", "FILE", svg_file, "draw the figures in it");
    options.text("bin", "DIR", parameters.bin, "where the programs are");
    options.parse(argc, argv);
    parameters.delay = std::chrono::milliseconds(delay);
    const bool chosen = !names.empty();
    if (!chosen) names = default_transports();
    if (!chosen && parameters.brief) std::erase(names, kSlowest);
    std::vector<Transport> transports;
    for (const std::string& name : names)
        check(options, "--transport", [&] { transports.push_back(find_transport(name)); });

    prepare_for_servers();
    lab::raise_descriptor_limit(most_descriptors(parameters, transports), "--clients",
                                parameters.clients);
    std::ofstream file = open_file(json_file);
    open_file(svg_file);
    const std::vector<Row> rows = measure(parameters, transports);
    if (!json_file.empty() && !(file << json(parameters, rows) << std::flush))
        throw std::runtime_error(json_file + ": cannot be written");
    std::vector<std::string> words{"run"};
    if (parameters.brief) words.emplace_back("--brief");
    if (!svg_file.empty()) words.insert(words.end(), {"--svg", svg_file});
    show(json(parameters, rows, !svg_file.empty()), words);
}

int run_bench(int argc, char** argv) {
    BenchOptions bench{.bin = default_bin()};
    lab::Options options("compare bench");
    options.word("STEP", bench.step, "01 to 07");
    options.number("clients", "N", bench.clients, 1, 10'000, "clients at a time");
    options.number("rate", "R", bench.rate, 1, 1000 * 1000, "messages a second");
    options.number("size", "BYTES", bench.size, 8, 32 * 1024, "length of a message");
    options.number("seconds", "S", bench.seconds, 1, 600, "length of the load");
    options.number("idle", "N", bench.idle, 1, 100'000,
                   "instead of load: what N idle clients cost, of 04 to 07");
    options.text("bin", "DIR", bench.bin, "where the programs are; only ours get options of ours");
    options.text("broker", lab::kBrokerAddressForm, bench.broker,
                 "the server's option --broker, of 05 to 07; not with --idle");
    options.parse(argc, argv);
    if (bench.step.empty()) options.reject("which step?");
    check(options, "STEP", [&] { transport_of_step(bench.step); });
    lab::broker_address_of(options, bench.broker);
    const bool one_at_a_time = bench.step.starts_with("01");
    if (bench.clients == 0) bench.clients = one_at_a_time ? 1 : 50;
    if (one_at_a_time && bench.clients > 1) options.reject("01 serves one client at a time");
    const std::string refusal = bench.idle > 0 ? idle_refusal(bench.step) : "";
    if (!refusal.empty()) options.reject("--idle: " + refusal);
    prepare_for_servers();
    if (bench.idle > 0) show(bench_idle(bench), {"idle"});
    show(compare::bench(bench), {"bench"});
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("compare", {{"run", run}, {"bench", run_bench}}, argc, argv);
}
