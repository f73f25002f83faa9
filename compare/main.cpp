// The program `compare`: one chat over every transport, measured; and load on one step.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "common/broker/address.hpp"
#include "common/descriptor_limit.hpp"
#include "common/number.hpp"
#include "common/options.hpp"
#include "compare/measure/bench.hpp"
#include "compare/measure/idle_bench.hpp"
#include "compare/measure/measurement.hpp"
#include "compare/measure/progress.hpp"
#include "compare/measure/server_process.hpp"
#include "compare/measure/shared_room.hpp"
#include "compare/relay/relay.hpp"
#include "compare/report/show.hpp"

namespace {

using namespace compare;

// Sockets of a participant, at most; with a relay between, its two for each of them come on top.
constexpr std::size_t kSockets = 2;
constexpr std::size_t kSocketsWithRelay = 6;
constexpr std::size_t kMaxServers = 16;
// The bound of bench's --rate: more than this program can say, whatever the server does.
constexpr std::size_t kMaxRate = 10'000'000;
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
std::size_t most_descriptors(const Parameters& parameters) {
    const auto polling = static_cast<std::size_t>(
        std::ranges::count(parameters.transports, ConnectionKind::polling, &Transport::kind));
    const std::size_t sockets = parameters.delay.count() > 0 ? kSocketsWithRelay : kSockets;
    const std::size_t speaking = sockets * std::max<std::size_t>(1, polling);
    const bool all_idle = !parameters.brief && !parameters.shared();
    const std::size_t silent = all_idle ? parameters.transports.size() : 0;
    return std::max(speaking, silent) * (parameters.clients + parameters.writers) + kCrowd +
           kOtherDescriptors;
}

// "1,2,3".
std::vector<std::size_t> servers_of(const lab::Options& options, const std::string& list) {
    std::vector<std::size_t> servers;
    std::istringstream words(list);
    for (std::string word; std::getline(words, word, ',');) {
        const auto count = lab::number_in<std::size_t>(word).value_or(0);
        if (count < 1 || count > kMaxServers) {
            options.reject("--servers: numbers from 1 to " + std::to_string(kMaxServers) +
                           ", with commas between");
        }
        servers.push_back(count);
    }
    return servers;
}

std::vector<Row> measure(const Parameters& parameters) {
    std::vector<Row> rows = measure_chats(parameters);
    if (parameters.brief) return rows;
    const Progress progress;
    progress.tell("what idle clients cost");
    for (Row& row : rows)
        if (row.fault.empty()) measure_memory(parameters, row);
    measure_idleness(parameters, rows);
    return rows;
}

void prepare_for_servers() {
    std::signal(SIGPIPE, SIG_IGN);
    end_servers_on_signals();
}

// The transports are those called `names`, or those of such a run if there are no names.
void choose_transports(const lab::Options& options, Parameters& parameters,
                       std::vector<std::string> names) {
    const bool chosen = !names.empty();
    if (!chosen) names = parameters.shared() ? kSharedTransports : kDefaultTransports;
    if (!chosen && parameters.brief) std::erase(names, kSlowest);
    auto& transports = parameters.transports;
    for (const std::string& name : names) {
        check(options, "--transport", [&] { transports.push_back(find_transport(name)); });
        if (parameters.shared() && transports.back().audience != Audience::everyone)
            options.reject("--servers: " + name + " has no room at a broker");
    }
}

Parameters parse_run(int argc, char** argv) {
    Parameters parameters{.bin = default_bin()};
    std::int64_t delay = 0;
    std::vector<std::string> names;
    std::string servers;
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
    options.text("servers", "N,N...", servers,
                 "instead: one room on so many servers of 05, 06 and 07, with Redis between, "
                 "against one server alone");
    options.number("writers", "N", parameters.writers, 1, 1000, "with --servers: so many write");
    options.text("json", "FILE", parameters.json_file, "write all figures to it");
    options.text("svg", "FILE", parameters.svg_file, "draw the figures in it");
    options.text("bin", "DIR", parameters.bin, "where the programs are");
    options.parse(argc, argv);
    parameters.delay = std::chrono::milliseconds(delay);
    parameters.servers = servers_of(options, servers);
    if (parameters.shared() && (parameters.brief || delay > 0 || !parameters.svg_file.empty()))
        options.reject("--servers: not with --brief, --delay or --svg");
    if (!parameters.shared() && parameters.writers > 1)
        options.reject("--writers: only with --servers");
    choose_transports(options, parameters, names);
    return parameters;
}

int run(int argc, char** argv) {
    const Parameters parameters = parse_run(argc, argv);
    prepare_for_servers();
    lab::raise_descriptor_limit(most_descriptors(parameters), "--clients", parameters.clients);
    std::ofstream file = open_file(parameters.json_file);
    open_file(parameters.svg_file);
    const auto write = [&](const std::string& json) {
        if (!parameters.json_file.empty() && !(file << json << std::flush))
            throw std::runtime_error(parameters.json_file + ": cannot be written");
    };
    if (parameters.shared()) {
        const std::string result = measure_shared_rooms(parameters);
        write(result);
        show(result, {"servers"});
    }
    const std::vector<Row> rows = measure(parameters);
    write(json(parameters, rows));
    std::vector<std::string> words{"run"};
    if (parameters.brief) words.emplace_back("--brief");
    if (!parameters.svg_file.empty()) words.insert(words.end(), {"--svg", parameters.svg_file});
    show(json(parameters, rows, !parameters.svg_file.empty()), words);
}

int run_bench(int argc, char** argv) {
    BenchOptions bench{.bin = default_bin()};
    lab::Options options("compare bench");
    std::string step;
    options.word("STEP", step, "01 to 07");
    options.number("clients", "N", bench.clients, 1, 10'000, "clients at a time");
    options.number("rate", "R", bench.rate, 1, kMaxRate, "messages a second");
    options.number("size", "BYTES", bench.size, 8, 32 * 1024, "length of a message");
    options.number("seconds", "S", bench.seconds, 1, 600, "length of the load");
    options.number("idle", "N", bench.idle, 1, 100'000,
                   "instead of load: what N idle clients cost, of 04 to 07");
    options.text("bin", "DIR", bench.bin, "where the programs are; only ours get options of ours");
    options.text("broker", lab::kBrokerAddressForm, bench.broker,
                 "the server's option --broker, of 05 to 07; not with --idle");
    options.parse(argc, argv);
    if (step.empty()) options.reject("which step?");
    check(options, "STEP", [&] { bench.transport = transport_of_step(step); });
    lab::broker_address_of(options, bench.broker);
    const bool one_at_a_time = step.starts_with("01");
    if (bench.clients == 0) bench.clients = one_at_a_time ? 1 : 50;
    if (one_at_a_time && bench.clients > 1) options.reject("01 serves one client at a time");
    const std::string refusal = bench.idle > 0 ? idle_refusal(bench.transport.kind) : "";
    if (!refusal.empty()) options.reject("--idle: " + refusal);
    prepare_for_servers();
    if (bench.idle > 0) show(bench_idle(bench), {"idle"});
    show(compare::bench(bench), {"bench"});
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("compare", {{"run", run}, {"bench", run_bench}}, argc, argv);
}
