// Runs a program as a user would: by its command line, standard streams and signals.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/thread.hpp"
#include "tests/support/report.hpp"
#include "tests/support/spawned.hpp"

namespace lab::test {

/// Whether a sanitizer watches, which makes a program several times slower, and larger.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// How long a server may take to end when it is told to: a second.
inline constexpr std::chrono::milliseconds kEnd{kSanitized ? 3000 : 1000};

/// A running program. A thread of its own gathers its output, so it never waits for us.
/// When a case fails while the program is in scope, the end of its stderr is shown. One thread, the
/// test's, may call its members; each waits at most kDeadline and fails the case after that.
class Program {
 public:
    /// Starts `command[0]`, looked up in PATH unless it is a path, with the other words as its
    /// arguments. An empty command stands for a program that runs already: a case that asks it for
    /// anything but an answer over the network is left out.
    explicit Program(std::vector<std::string> command, Streams streams = Streams::pipes,
                     Place place = Place::here());
    /// Ends the program, and what it has started, with SIGKILL if it still runs.
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Writes to its standard input.
    void write_input(std::string_view bytes, Place place = Place::here());
    /// The same, but returns false when the program has not read for `pause`, or has ended.
    [[nodiscard]] bool try_write_input(std::string_view bytes,
                                       std::chrono::milliseconds pause = kDeadline);
    /// Closes its standard input.
    void end_input();

    /// Waits until stdout holds one more line, at most `limit`, and returns it without its end.
    std::string read_line(const std::string& hint, std::chrono::milliseconds limit = kDeadline,
                          Place place = Place::here());
    /// Whether stdout has a line `line` within `limit`. It may have been read already.
    [[nodiscard]] bool prints(const std::string& line, std::chrono::milliseconds limit) const;
    /// Whether what it prints on stderr contains `text` within kDeadline.
    [[nodiscard]] bool prints_error(const std::string& text) const;
    /// Waits until what it has printed on stderr contains `text`.
    void expect_error(const std::string& text, const std::string& hint,
                      Place place = Place::here());
    /// Waits until what it has printed on stdout or on stderr contains `text`.
    void expect_either(const std::string& text, const std::string& hint,
                       Place place = Place::here());
    /// Waits until stdout is exactly `bytes`, from its beginning or the last read_line() on.
    void expect_output(std::string_view bytes, const std::string& hint,
                       Place place = Place::here());

    /// Sends it the signal `number`.
    void send_signal(int number) const;
    /// Stops it (SIGSTOP), and returns when it has stopped: what happens then, it finds all at once
    /// after send_signal(SIGCONT).
    void pause() const;
    /// Waits until it has ended by itself, with exit status `status`, within `limit`, or this
    /// machine's patience() with it.
    void expect_exit(int status, const std::string& hint,
                     std::chrono::milliseconds limit = kDeadline, Place place = Place::here());
    /// The same, but the signal `number` has ended it.
    void expect_end_by(int number, const std::string& hint, Place place = Place::here());

    /// Whether it ends by itself within `limit`.
    [[nodiscard]] bool ends_within(std::chrono::milliseconds limit) const;

    /// All that it has printed so far.
    [[nodiscard]] std::string output() const;
    [[nodiscard]] std::string errors() const;
    /// The resources that it has used, once it has ended: getrusage(2).
    [[nodiscard]] const rusage& usage() const;
    /// The memory that it holds just now, in KiB; 0 if it has ended. Source: proc(5), ps(1).
    [[nodiscard]] long resident_kib() const;
    /// The processor time that it has used so far, while it runs: clock_getcpuclockid(3); 0
    /// where there is no such clock.
    [[nodiscard]] double cpu_seconds() const;

 private:
    void need_process() const;
    void gather();
    // With the machine's patience(): for what has to happen.
    bool wait_for(const std::function<bool()>& condition, std::chrono::milliseconds limit) const;
    std::string describe_state() const;

    std::string name_;  // in the transcript
    std::vector<std::string> command_;
    pid_t process_ = -1;
    lab::FileDescriptor input_, output_pipe_, error_pipe_;
    int exceptions_at_start_ = std::uncaught_exceptions();
    std::size_t read_ = 0;  // how much of output_ read_line() has returned
    rusage usage_{};

    mutable std::mutex mutex_;  // guards all below
    mutable std::condition_variable changed_;
    std::string output_, errors_;
    bool ended_ = false;
    int wait_status_ = 0;

    Pipe alive_;            // closed for writing, it tells the gatherer to read no more
    lab::Thread gatherer_;  // reads the pipes, then waits for the end of the program
};

/// Whether a program tells in these words that bind has failed with EADDRINUSE.
bool tells_of_port_in_use(const std::string& errors);

}  // namespace lab::test
