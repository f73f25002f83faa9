#include "tests/support/program.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <iostream>
#include <span>
#include <utility>

#include "common/check.hpp"
#include "common/socket.hpp"
#include "common/thread.hpp"
#include "common/visible.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/process_usage.hpp"
#include "tests/support/transcript.hpp"

namespace lab::test {
namespace {

// Bytes that are kept of each stream. A program that prints without end is read on, so that it
// does not stand still, and costs us no more than this.
constexpr std::size_t kMaxOutput = 256 * 1024 * 1024;

std::string last_lines(const std::string& text, std::size_t most) {
    std::size_t begin = text.size();
    while (begin > 0 && (text[begin - 1] != '\n' || begin == text.size() || most-- > 1)) --begin;
    return text.substr(begin);
}

// What the transcript calls it: a program of the lab by its role, another one by its name.
std::string actor_of(const std::vector<std::string>& command) {
    const bool has_role = command.size() > 1 && (command[1] == "server" || command[1] == "client");
    return next_actor(has_role ? command[1] : command[0].substr(command[0].rfind('/') + 1));
}

// The command line as a user would type it, but for the folder of the program.
std::string typed(const std::vector<std::string>& command) {
    std::string line = command[0].substr(command[0].rfind('/') + 1);
    for (std::size_t i = 1; i < command.size(); ++i) line += " " + command[i];
    return line;
}

}  // namespace

bool tells_of_port_in_use(const std::string& errors) {
    // strerror(3) and Python, Go, Node.
    return errors.find("ddress already in use") != std::string::npos ||
           errors.find("EADDRINUSE") != std::string::npos;
}

Program::Program(std::vector<std::string> command, Streams streams, Place place)
    : command_(with_our_other_half(std::move(command))) {
    if (command_.empty()) return;
    name_ = actor_of(command_);
    note(name_, "starts", typed(command_));
    Spawned spawned = spawn(command_, streams);
    process_ = spawned.process;
    if (process_ < 0) {
        fail("the program " + command_[0] + " starts", std::strerror(errno),
             "is it there, and executable?", place);
    }
    input_ = std::move(spawned.input);
    output_pipe_ = std::move(spawned.output);
    error_pipe_ = std::move(spawned.error);
    lab::set_nonblocking(input_.number(), true);
    gatherer_ = lab::Thread([this] { gather(); });
}

Program::~Program() {
    if (process_ < 0) return;
    const bool failed = std::uncaught_exceptions() > exceptions_at_start_;
    if (failed) {
        std::cout << command_[0] << ": " << describe_state() << "; the end of its stderr:\n"
                  << last_lines(errors(), 10) << std::endl;
    }
    std::unique_lock lock(mutex_);
    if (!ended_) kill_group(process_);
    // The pipes close when the last process of the group is gone, and with it all that it does to
    // files. A process that has left the group may hold them open for ever.
    changed_.wait_for(lock, std::chrono::seconds(1), [&] { return ended_; });
    alive_.writing = lab::FileDescriptor();
}

// The gatherer's life: until the program has closed its streams, or nobody cares any more, and it
// has ended.
void Program::gather() {
    std::array<pollfd, 3> ready{{{output_pipe_.number(), POLLIN, 0},
                                 {error_pipe_.number(), POLLIN, 0},
                                 {alive_.reading.number(), POLLIN, 0}}};
    const std::span pipes = std::span(ready).first(2);
    while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
        poll(ready.data(), ready.size(), -1);
        if (ready[2].revents) break;
        for (pollfd& pipe : pipes) {
            if (pipe.fd < 0 || !pipe.revents) continue;
            std::array<char, 65536> bytes;
            const ssize_t count = read(pipe.fd, bytes.data(), bytes.size());
            if (count < 0 && lab::try_again()) continue;
            const std::lock_guard lock(mutex_);
            if (count > 0) {
                const bool is_output = pipe.fd == output_pipe_.number();
                const std::string_view printed(bytes.data(), static_cast<std::size_t>(count));
                note(name_, is_output ? "prints" : "prints on stderr", printed);
                std::string& kept = is_output ? output_ : errors_;
                kept.append(printed.substr(0, kMaxOutput - kept.size()));
            } else {
                pipe.fd = -1;
            }
            changed_.notify_all();
        }
    }
    int status = 0;
    rusage usage{};
    while (wait4(process_, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    const std::lock_guard lock(mutex_);
    forget(process_);
    usage_ = usage;
    wait_status_ = status;
    note(name_, WIFEXITED(status) ? "ends with status" : "is ended by signal",
         std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)));
    ended_ = true;
    changed_.notify_all();
}

bool Program::ends_within(std::chrono::milliseconds limit) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return ended_; });
}

void Program::need_process() const {
    if (process_ < 0) leave_out("the server runs already, and the case has to start or stop it");
}

bool Program::wait_for(const std::function<bool()>& condition,
                       std::chrono::milliseconds limit) const {
    need_process();
    // Between two waits the gatherer notes what has come.
    const auto wait = [&](std::chrono::milliseconds span) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, span, condition);
    };
    return wait_patiently(wait, limit);
}

std::string Program::describe_state() const {
    const std::lock_guard lock(mutex_);
    if (!ended_) return "it is still running";
    if (WIFSIGNALED(wait_status_)) {
        return "it was ended by signal " + std::to_string(WTERMSIG(wait_status_)) + " (" +
               strsignal(WTERMSIG(wait_status_)) + ")";
    }
    return "it ended with exit status " + std::to_string(WEXITSTATUS(wait_status_));
}

void Program::send_signal(int number) const {
    need_process();
    note(name_, "is sent", strsignal(number));
    kill(process_, number);
}

void Program::pause() const {
    send_signal(SIGSTOP);
    siginfo_t info{};
    // WNOWAIT: to hear of its end remains the gatherer's business.
    while (waitid(P_PID, static_cast<id_t>(process_), &info, WSTOPPED | WNOWAIT) < 0 &&
           errno == EINTR) {
    }
}

bool Program::try_write_input(std::string_view bytes, std::chrono::milliseconds pause) {
    need_process();
    note(name_, "is given as input", bytes);
    while (!bytes.empty()) {
        pollfd ready{input_.number(), POLLOUT, 0};
        if (poll(&ready, 1, static_cast<int>(pause.count())) == 0) return false;
        const ssize_t written = write(input_.number(), bytes.data(), bytes.size());
        if (written < 0 && lab::try_again()) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void Program::write_input(std::string_view bytes, Place place) {
    if (try_write_input(bytes)) return;
    fail("the program reads its standard input",
         all_the_time("it has not") + "; " + describe_state(),
         "it must not wait for one thing only while another is due", place);
}

void Program::end_input() {
    note(name_, "is told the end of its input");
    input_ = lab::FileDescriptor();
}

std::string Program::read_line(const std::string& hint, std::chrono::milliseconds limit,
                               Place place) {
    const auto end = [&] { return output_.find('\n', read_); };
    const bool there = wait_for([&] { return end() != std::string::npos || ended_; }, limit);
    std::unique_lock lock(mutex_);
    if (!there || end() == std::string::npos) {
        const std::string rest = visible(output_.substr(read_));
        lock.unlock();
        fail("a line on stdout", rest + ", and " + describe_state(),
             tells_of_port_in_use(errors())
                 ? "set SO_REUSEADDR before bind: it lets connections of an earlier server be, "
                   "which wait in TIME_WAIT"
                 : hint,
             place);
    }
    std::string line = output_.substr(read_, end() - read_);
    read_ = end() + 1;
    return line;
}

bool Program::prints(const std::string& line, std::chrono::milliseconds limit) const {
    const std::string wanted = "\n" + line + "\n";
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] {
        return output_.starts_with(line + "\n") || output_.find(wanted) != std::string::npos;
    });
}

bool Program::prints_error(const std::string& text) const {
    const auto found = [&] { return errors_.find(text) != std::string::npos; };
    wait_for([&] { return found() || ended_; }, kDeadline);
    return errors().find(text) != std::string::npos;
}

void Program::expect_error(const std::string& text, const std::string& hint, Place place) {
    if (!prints_error(text)) fail(visible(text) + " on stderr", describe_state(), hint, place);
}

void Program::expect_either(const std::string& text, const std::string& hint, Place place) {
    const auto found = [&] { return (output_ + errors_).find(text) != std::string::npos; };
    wait_for([&] { return found() || ended_; }, kDeadline);
    if ((output() + errors()).find(text) == std::string::npos)
        fail(visible(text) + " on stdout or stderr", describe_state(), hint, place);
}

void Program::expect_output(std::string_view bytes, const std::string& hint, Place place) {
    wait_for([&] { return output_.size() >= read_ + bytes.size() || ended_; }, kDeadline);
    expect_bytes(bytes, output().substr(read_), hint, place);
}

void Program::expect_exit(int status, const std::string& hint, std::chrono::milliseconds limit,
                          Place place) {
    const bool ended = wait_for([&] { return ended_; }, limit);
    const std::string expected = "exit status " + std::to_string(status) + " within " +
                                 std::to_string(limit.count()) + " ms";
    if (!ended || !WIFEXITED(wait_status_) || WEXITSTATUS(wait_status_) != status) {
        const bool broken_pipe =
            ended && WIFSIGNALED(wait_status_) && WTERMSIG(wait_status_) == SIGPIPE;
        fail(expected, describe_state(),
             broken_pipe
                 ? "sending to a peer that is gone ends a program, unless it ignores SIGPIPE"
                 : hint,
             place);
    }
}

void Program::expect_end_by(int number, const std::string& hint, Place place) {
    const bool ended = wait_for([&] { return ended_; }, kDeadline);
    if (ended && WIFSIGNALED(wait_status_) && WTERMSIG(wait_status_) == number) return;
    fail(std::string("its end by ") + strsignal(number), describe_state(), hint, place);
}

long Program::resident_kib() const {
    return lab::test::resident_kib(process_);
}

double Program::cpu_seconds() const {
    need_process();
    return lab::test::cpu_seconds(process_);
}

const rusage& Program::usage() const {
    need_process();
    return usage_;
}

std::string Program::output() const {
    need_process();
    const std::lock_guard lock(mutex_);
    return output_;
}

std::string Program::errors() const {
    need_process();
    const std::lock_guard lock(mutex_);
    return errors_;
}

}  // namespace lab::test
