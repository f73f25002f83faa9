// A process that a test starts: its streams, its start, and its end with all that it started.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/file_descriptor.hpp"

namespace lab::test {

/// A program's standard input and output: pipes, or a terminal, which shows what is typed
/// too. Its stderr is a pipe in any case.
enum class Streams { pipes, terminal };

/// Both ends of a pipe: pipe(2). Throws std::system_error if there is none.
struct Pipe {
    Pipe();
    lab::FileDescriptor reading, writing;
};

/// Our ends of a process's streams. With a terminal, `input` and `output` are both the terminal.
struct Spawned {
    pid_t process = -1;
    lab::FileDescriptor input, output, error;
};

/// Starts `command`, whose first word is looked for in PATH, as the leader of a process group of
/// its own, with the default action for SIGPIPE, which a test ignores. The process is remembered
/// until forget() is called. Returns -1 as its process where it cannot be started; errno says why
/// then. Throws std::system_error if there are no pipes or terminals. Source: posix_spawn(3p).
Spawned spawn(std::vector<std::string>& command, Streams streams);

/// To be called when the end of `process` has been waited for: its number may be another's now.
void forget(pid_t process) noexcept;

/// Ends the process and what it has started: a script, as some programs are called by, would leave
/// its program behind.
void kill_group(pid_t process) noexcept;

/// Ends all processes that are remembered. Safe in a signal handler.
void end_all_programs() noexcept;

}  // namespace lab::test
