// A step's server as a process of its own, started and ended by us, and what it has used.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"

namespace compare {

/// `BIN/STEP server --port 0` with further options, which has said that it listens. What it prints
/// on stderr goes to a file without a name; of our other descriptors it gets none, and no signal is
/// blocked. One thread.
class ServerProcess {
 public:
    /// Throws std::runtime_error if it does not start, or does not listen within 10 s.
    ServerProcess(const std::string& bin, const std::string& step,
                  const std::vector<std::string>& options);
    /// Ends it with SIGTERM, or, if it takes longer than 2 s, with SIGKILL.
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    [[nodiscard]] const std::string& port() const { return port_; }
    /// The processor time that it has used so far, the kernel's for it too. Source:
    /// clock_getcpuclockid(3).
    [[nodiscard]] std::optional<double> cpu_seconds() const;
    /// Its memory that is in RAM, in KiB; none where there is no /proc. Source: proc(5),
    /// /proc/PID/smaps_rollup, which is exact, and /proc/PID/statm, which may lag behind.
    [[nodiscard]] std::optional<double> resident_kib() const;

 private:
    void start(std::vector<char*> words);
    void end() const;
    std::string read_line();
    std::string last_words();

    std::string program_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> log_;
    pid_t process_ = -1;
    lab::FileDescriptor output_;
    std::string port_;
};

/// From here on, SIGINT and SIGTERM end all servers that run, and then this program by the same
/// signal. A thread waits for them, and all other threads block them: so to be called once, before
/// any other thread starts. Source: sigwait(3).
void end_servers_on_signals();

/// Where this build has the steps' programs.
std::string default_bin();

}  // namespace compare
