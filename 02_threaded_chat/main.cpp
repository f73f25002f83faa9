#include <cstdint>
#include <cstdlib>
#include <limits>

#include "02_threaded_chat/programs.hpp"
#include "common/name.hpp"
#include "common/options.hpp"

namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

int server(int argc, char** argv) {
    std::string host = "127.0.0.1";
    std::int64_t port = 12345;
    bool trace = false;
    std::string framing = "lines";
    std::int64_t max_line = 64 * kKiB;
    std::int64_t queue = kMiB;
    std::int64_t max_clients = 1000;
    lab::Options options("02_threaded_chat server");
    options.own_address(host, port);
    options.trace(trace);
    options.capture();
    options.choice("framing", {"lines", "raw"}, framing,
                   "what a message is: a line, or whatever recv returns");
    options.number("max-line", "BYTES", max_line, 1, 1024 * kMiB,
                   "longest line; a longer one ends the connection");
    options.number("queue", "BYTES", queue, 1, 1024 * kMiB,
                   "most that may wait for a slow client; then it is cut off");
    options.number("max-clients", "N", max_clients, 1, 1000 * 1000, "most clients at a time");
    options.parse(argc, argv);
    threaded_chat::run_server({.host = host,
                               .port = std::to_string(port),
                               .trace = lab::Trace(trace),
                               .raw = framing == "raw",
                               .max_line = static_cast<std::size_t>(max_line),
                               .queue = static_cast<std::size_t>(queue),
                               .max_clients = static_cast<std::size_t>(max_clients)});
    return EXIT_SUCCESS;
}

int client(int argc, char** argv) {
    std::string host = "127.0.0.1";
    std::int64_t port = 12345;
    bool trace = false;
    std::string name;
    lab::Options options("02_threaded_chat client");
    options.server_address(host, port);
    options.trace(trace);
    options.capture();
    options.text("name", "NAME", name, "put before each line");
    options.parse(argc, argv);
    // A line end in the name would let its owner speak for others.
    if (!name.empty() && !lab::is_name(name))
        options.reject(std::string("--name: ") + lab::kNameRule);
    threaded_chat::run_client(
        {.host = host, .port = std::to_string(port), .trace = lab::Trace(trace), .name = name});
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("02_threaded_chat", {{"server", server}, {"client", client}}, argc,
                            argv);
}
