#include "tests/support/spawned.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "common/check.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared

namespace lab::test {
namespace {

// The processes that run: 0 is a free place.
std::array<std::atomic<pid_t>, 512> running{};

void replace_running(pid_t from, pid_t to) noexcept {
    for (std::atomic<pid_t>& place : running) {
        pid_t expected = from;
        if (place.compare_exchange_strong(expected, to)) return;
    }
}

// Opens a terminal, and returns the name of the program's end of it: ours is that of both pipes.
std::string open_terminal(Pipe& input, Pipe& output) {
    input.writing = lab::FileDescriptor(lab::check("posix_openpt", posix_openpt(O_RDWR)));
    const int terminal = input.writing.number();
    lab::check("grantpt", grantpt(terminal));
    lab::check("unlockpt", unlockpt(terminal));
    output.reading = lab::FileDescriptor(lab::check("dup", dup(terminal)));
    return ptsname(terminal);
}

// posix_spawnp() with these streams. Returns its error number, or 0.
int start(pid_t& process, std::vector<std::string>& command,
          const posix_spawn_file_actions_t& streams) {
    // We ignore SIGPIPE, the program must not: what it inherits would hide a fault of its own.
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    sigset_t defaults{};
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    const int failure =
        posix_spawnp(&process, words[0], &streams, &attributes, words.data(), environ);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

}  // namespace

Pipe::Pipe() {
    std::array<int, 2> ends{};
    lab::check("pipe", pipe(ends.data()));
    reading = lab::FileDescriptor(ends[0]);
    writing = lab::FileDescriptor(ends[1]);
}

Spawned spawn(std::vector<std::string>& command, Streams streams) {
    Pipe input;
    Pipe output;
    Pipe error;
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    if (streams == Streams::terminal) {
        const std::string terminal = open_terminal(input, output);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal.c_str(), O_RDWR, 0);
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
    } else {
        posix_spawn_file_actions_adddup2(&actions, input.reading.number(), STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output.writing.number(), STDOUT_FILENO);
    }
    posix_spawn_file_actions_adddup2(&actions, error.writing.number(), STDERR_FILENO);
    Spawned spawned;
    const int failure = start(spawned.process, command, actions);
    posix_spawn_file_actions_destroy(&actions);
    if (failure) {
        errno = failure;
        return {};
    }
    replace_running(0, spawned.process);
    spawned.input = std::move(input.writing);
    spawned.output = std::move(output.reading);
    spawned.error = std::move(error.reading);
    return spawned;
}

void forget(pid_t process) noexcept {
    replace_running(process, 0);
}

void kill_group(pid_t process) noexcept {
    kill(-process, SIGKILL);
}

void end_all_programs() noexcept {
    for (const std::atomic<pid_t>& place : running)
        if (const pid_t process = place) kill_group(process);
}

}  // namespace lab::test
