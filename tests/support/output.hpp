// Standard output that does not take everything: a disk that is full, a reader that goes.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// `command` run by the shell `script`, in which it stands as "$@".
inline std::vector<std::string> in_shell(const std::string& script,
                                         const std::vector<std::string>& command) {
    std::vector<std::string> words{"sh", "-c", script, "sh"};
    words.insert(words.end(), command.begin(), command.end());
    return words;
}

/// `command > /dev/full`.
inline std::vector<std::string> onto_full_disk(const std::vector<std::string>& command) {
    return in_shell(R"(exec "$@" > /dev/full)", command);
}

/// `command | head -1`: the reader of its output takes a line and goes. When the command has ended,
/// `status N` on stderr says how.
inline std::vector<std::string> into_head(const std::vector<std::string>& command) {
    return in_shell(R"({ "$@"; echo "status $?" >&2; } | head -n 1)", command);
}

/// `program`, whose output goes to a full disk, says so in one line and exits with 1.
inline void expect_full_disk_told(const std::string& step, Program& program,
                                  Place place = Place::here()) {
    const std::string hint =
        "exit status 0 says that all was printed: look at the result of printing";
    program.expect_exit(1, hint, kDeadline, place);
    program.expect_error(step + ": standard output: No space left on device\n", hint, place);
}

/// The same for each of `command_lines`, the words behind the program's name.
inline void expect_lost_output_told(const std::string& step,
                                    const std::vector<std::vector<std::string>>& command_lines,
                                    Place place = Place::here()) {
    // Linux has it, and others may not.
    if (!std::filesystem::exists("/dev/full")) return;
    for (const std::vector<std::string>& words : command_lines) {
        std::vector<std::string> command{path_of(step)};
        command.insert(command.end(), words.begin(), words.end());
        Program program(onto_full_disk(command), Streams::pipes, place);
        expect_full_disk_told(step, program, place);
    }
}

/// `program`, started into_head(), has printed its line: it must see that nobody reads the next.
inline void expect_end_without_reader(Program& program, const std::string& line,
                                      Place place = Place::here()) {
    const std::string hint = "poll(2) tells with POLLERR that the reader of a pipe is gone: leave";
    program.expect_output(line, hint, place);
    program.expect_error("status 1\n", hint, place);
}

}  // namespace lab::test
