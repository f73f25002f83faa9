#include "compare/run.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "common/descriptor_limit.hpp"
#include "compare/progress.hpp"
#include "compare/tables.hpp"

namespace compare {
namespace {

// This many idle clients show the memory that one of them takes: a server gets its memory in pages.
constexpr std::size_t kCrowd = 200;
// Sockets of a participant at most, and with a relay's two for each.
constexpr std::size_t kSockets = 2;
constexpr std::size_t kSocketsWithRelay = 6;
// Pipes, listeners and files: far fewer.
constexpr std::size_t kOthers = 100;

// What is brief does not wait for it.
constexpr const char* kSlowest = "ajax-5000";

// A file of this name; without one, none. Made before anything is measured: it may not be possible.
std::ofstream open_file(const std::string& name) {
    if (name.empty()) return {};
    std::ofstream file(name);
    if (!file) throw std::runtime_error(name + ": cannot be written");
    return file;
}

void write_file(std::ofstream& file, const std::string& name, const std::string& content) {
    if (name.empty()) return;
    file << content << std::flush;
    if (!file) throw std::runtime_error(name + ": cannot be written");
}

// Those who poll speak side by side, and all are silent side by side, without a relay.
std::size_t most_descriptors(const Parameters& parameters,
                             const std::vector<Transport>& transports) {
    const auto polling =
        static_cast<std::size_t>(std::ranges::count(transports, Way::polling, &Transport::way));
    const std::size_t sockets = parameters.delay ? kSocketsWithRelay : kSockets;
    const std::size_t speaking = sockets * std::max<std::size_t>(1, polling);
    const std::size_t silent = parameters.brief ? 0 : transports.size();
    return std::max(speaking, silent) * (parameters.clients + 1) + kCrowd + kOthers;
}

}  // namespace

bool run(const RunOptions& options) {
    const Parameters& parameters = options.parameters;
    std::vector<std::string> names = options.transports;
    if (names.empty()) names = all_transports();
    if (parameters.brief && options.transports.empty()) std::erase(names, kSlowest);
    std::vector<Transport> transports;
    for (const std::string& name : names) transports.push_back(find_transport(name));
    lab::raise_descriptor_limit(most_descriptors(parameters, transports), "--clients",
                                parameters.clients);
    std::ofstream json_file = open_file(options.json_file);
    std::ofstream svg_file = open_file(options.svg_file);
    std::vector<Row> rows;
    {
        const Progress progress;
        rows = measure_chats(parameters, transports,
                             [&](const std::string& what) { progress.tell(what); });
        if (!parameters.brief) {
            progress.tell("what idle clients cost");
            for (Row& row : rows)
                if (row.fault.empty()) measure_memory(parameters, row, kCrowd);
            measure_idleness(parameters, rows);
        }
    }
    const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    std::cout << tables(parameters, rows, colour) << std::flush;
    const std::string wrong = faults(rows);
    if (!wrong.empty()) std::cout << "\nNo figures where something went wrong:\n" << wrong;
    write_file(json_file, options.json_file, json(parameters, rows));
    write_file(svg_file, options.svg_file, plot(parameters, rows));
    return wrong.empty();
}

}  // namespace compare
