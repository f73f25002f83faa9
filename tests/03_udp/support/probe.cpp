#include "tests/03_udp/support/probe.hpp"

#include <algorithm>
#include <csignal>

#include "tests/support/commands.hpp"

namespace lab::test {

std::vector<std::string> probe_command(const std::string& port,
                                       const std::vector<std::string>& options) {
    std::vector<std::string> command{path_of("03_udp"), "probe", "--port", port};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

std::vector<std::string> patient_probe_command(const std::string& port,
                                               std::vector<std::string> options) {
    if (std::ranges::find(options, "--interval") == options.end())
        options.insert(options.end(), {"--interval", "0"});
    options.insert(options.end(), {"--timeout", "60000"});
    return probe_command(port, options);
}

void end_after_lines(Program& probe, int count, Place place) {
    for (int i = 1; i <= count; ++i) {
        probe.read_line("a line for each datagram that comes back, " + std::to_string(count) +
                            " in all, each flushed at once",
                        kDeadline, place);
    }
    probe.send_signal(SIGINT);
#if defined(__SANITIZE_THREAD__)
    // As in Server::expect_clean_end(): the sanitizer may put the first signal off.
    if (!probe.ends_within(kEnd / 2)) probe.send_signal(SIGINT);
#endif
    probe.expect_exit(0, "Ctrl-C ends the waiting, and answers came", kEnd, place);
}

}  // namespace lab::test
