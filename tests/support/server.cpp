#include "tests/support/server.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include "common/visible.hpp"
#include "tests/support/commands.hpp"

namespace lab::test {
namespace {

// The address of the server that is to be graded where it runs; null if cases start their own.
const char* running_server() {
    const char* const address = std::getenv("LAB_SERVER");
    return address && *address ? address : nullptr;
}

std::vector<std::string> command_for(const std::string& step,
                                     const std::vector<std::string>& options) {
    if (!running_server()) return server_command(step, options);
    if (!options.empty()) leave_out("the server runs already, and the case needs other options");
    return {};
}

// `command`, unless a server that runs already is graded: the case would say nothing about it.
std::vector<std::string> startable(std::vector<std::string> command) {
    if (running_server() && !command.empty())
        leave_out("the server runs already, and the case has to start or stop it");
    return command;
}

}  // namespace

Server::Server(const std::string& step, const std::vector<std::string>& options, Place place)
    : Server(command_for(step, options), place) {
}

Server::Server(std::vector<std::string> command, Place place)
    : Program(startable(std::move(command)), Streams::pipes, place) {
    const std::string begin = "listening on ";
    const std::string hint =
        "print \"listening on HOST:PORT\" as the first line on stdout once clients can connect, "
        "and flush: a pipe is not a terminal, so the line is not written out by itself";
    const std::string line =
        running_server() ? begin + running_server() : read_line(hint, kStart, place);
    const std::size_t colon = line.rfind(':');
    if (!line.starts_with(begin) || colon == std::string::npos)
        fail("\"listening on HOST:PORT\"", visible(line), hint, place);
    host_ = line.substr(begin.size(), colon - begin.size());
    // [::1] is how an IPv6 address is written before a colon.
    if (host_.starts_with('[')) host_ = host_.substr(1, host_.size() - 2);
    port_ = line.substr(colon + 1);
    if (!running_server()) idle_kib_ = resident_kib();
}

void Server::expect_clean_end(Place place) {
    send_signal(SIGTERM);
#if defined(__SANITIZE_THREAD__)
    // It puts a signal off that comes just before poll(2), until poll returns: a second one ends
    // that wait.
    if (!ends_within(kEnd / 2)) send_signal(SIGTERM);
#endif
    expect_exit(0,
                "SIGTERM has to end the server also while a call such as accept or recv waits; "
                "see \"How it ends\" in the lesson",
                kEnd, place);
}

void expect_little_memory(Server& server, const std::string& hint, Place place) {
    const long most = server.idle_kib() + (kSanitized ? 512 : 48) * 1024L;
    server.send_signal(SIGTERM);
    server.expect_exit(0, "SIGTERM ends the server", kDeadline, place);
    long used = server.usage().ru_maxrss;
#if defined(__APPLE__)
    used /= 1024;  // bytes there, KiB elsewhere
#endif
    if (used > most) {
        fail("at most " + std::to_string(most) + " KiB of memory", std::to_string(used) + " KiB",
             hint, place);
    }
}

}  // namespace lab::test
