// A program as a process of its own, such as a step's server, and what it uses.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"

namespace compare {

/// A program that this one starts and ends, and what it uses. Its stderr goes to a file without a
/// name; it inherits no other descriptor of ours, and no signal is blocked in it.
class Process {
 public:
    /// Starts `command`: a path, or a name that is looked for in PATH, and its words; `options` are
    /// further words. Throws std::system_error if it does not start: ENOENT if there is no such
    /// program.
    explicit Process(std::vector<std::string> command,
                     const std::vector<std::string>& options = {});
    /// Ends it with SIGTERM, or, if that takes longer than 2 s, with SIGKILL.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// The next line that it prints, without its end; none if it ends before, or prints nothing for
    /// 10 s.
    [[nodiscard]] std::optional<std::string> next_line() const;
    /// Its first line on stderr after ": ", for a message; empty if there is none.
    [[nodiscard]] std::string first_error() const;

    /// The processor time that it has used so far, with the kernel's on its behalf; none where the
    /// system does not tell. Source: clock_getcpuclockid(3).
    [[nodiscard]] std::optional<double> cpu_seconds() const;
    /// Its memory that is in RAM, in KiB; none where there is no /proc. Source: proc(5),
    /// /proc/PID/smaps_rollup, which is exact, and /proc/PID/statm, which may lag behind.
    [[nodiscard]] std::optional<double> resident_kib() const;

 private:
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> log_;
    pid_t process_ = -1;
    lab::FileDescriptor output_;
};

/// `BIN/STEP server --port 0` with further options.
class ServerProcess : public Process {
 public:
    /// Throws std::runtime_error if it does not start, or does not listen within 10 s.
    ServerProcess(const std::string& bin, const std::string& step,
                  const std::vector<std::string>& options);
    [[nodiscard]] const std::string& port() const { return port_; }

 private:
    std::string port_;
};

/// The processor time that a `Source` uses from now on: a Process, or all servers of a Chat.
template <class Source>
class CpuTimer {
 public:
    explicit CpuTimer(const Source& source) : source_(source), begin_(source.cpu_seconds()) {}
    /// Seconds so far; none where the system does not tell.
    [[nodiscard]] std::optional<double> seconds() const {
        const auto now = source_.cpu_seconds();
        return now && begin_ ? std::optional(*now - *begin_) : std::nullopt;
    }

 private:
    const Source& source_;
    const std::optional<double> begin_;
};

/// From now on, SIGINT and SIGTERM end all processes that run, and then this program by the same
/// signal. A thread waits for them, and all other threads block them: call it once, before any
/// other thread starts. Source: sigwait(3).
void end_servers_on_signals();

/// The folder in which this build has the steps' programs.
std::string default_bin();

}  // namespace compare
