// A step's server as a process of its own, which this program starts and ends, and what it uses.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"

namespace compare {

/// `BIN/STEP server --port 0` with further options. Its stderr goes to a file without a name; it
/// inherits no other descriptor of ours, and no signal is blocked in it.
class ServerProcess {
 public:
    /// Throws std::runtime_error if it does not start, or does not listen within 10 s.
    ServerProcess(const std::string& bin, const std::string& step,
                  const std::vector<std::string>& options);
    /// Ends it with SIGTERM, or, if that takes longer than 2 s, with SIGKILL.
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    [[nodiscard]] const std::string& port() const { return port_; }
    /// The processor time that it has used so far, with the kernel's on its behalf; none where the
    /// system does not tell. Source: clock_getcpuclockid(3).
    [[nodiscard]] std::optional<double> cpu_seconds() const;
    /// Its memory that is in RAM, in KiB; none where there is no /proc. Source: proc(5),
    /// /proc/PID/smaps_rollup, which is exact, and /proc/PID/statm, which may lag behind.
    [[nodiscard]] std::optional<double> resident_kib() const;

 private:
    void start(std::vector<std::string> command);
    void end() const;
    [[nodiscard]] std::string first_line() const;
    [[nodiscard]] std::string first_error() const;

    const std::string program_;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> log_;
    pid_t process_ = -1;
    lab::FileDescriptor output_;
    std::string port_;
};

/// The processor time that a server uses from now on.
class CpuTimer {
 public:
    explicit CpuTimer(const ServerProcess& server)
        : server_(server), begin_(server.cpu_seconds()) {}
    /// Seconds so far; none where the system does not tell.
    [[nodiscard]] std::optional<double> seconds() const {
        const auto now = server_.cpu_seconds();
        return now && begin_ ? std::optional(*now - *begin_) : std::nullopt;
    }

 private:
    const ServerProcess& server_;
    const std::optional<double> begin_;
};

/// From now on, SIGINT and SIGTERM end all servers that run, and then this program by the same
/// signal. A thread waits for them, and all other threads block them: call it once, before any
/// other thread starts. Source: sigwait(3).
void end_servers_on_signals();

/// The folder in which this build has the steps' programs.
std::string default_bin();

}  // namespace compare
