#include "compare/measure/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "common/check.hpp"
#include "common/stop_signal.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared

namespace compare {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kListening = "listening on ";
constexpr int kMaxStart = 10'000;  // milliseconds
constexpr auto kMaxEnd = 2s;

std::mutex running_mutex;    // guards running, and is held while a process starts or ends
std::vector<pid_t> running;  // those that have not been waited for

void end_process(pid_t process) {
    kill(process, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + kMaxEnd;
    while (waitpid(process, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) kill(process, SIGKILL);
        std::this_thread::sleep_for(1ms);
    }
}

// SIGINT and SIGTERM, without those that our parent has told us to ignore.
sigset_t signals_that_end() {
    sigset_t signals{};
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM})
        if (!lab::is_ignored(number)) sigaddset(&signals, number);
    return signals;
}

// The process inherits its three streams alone: not the pipes of other servers, nor the sockets of
// a relay. It blocks no signal: otherwise SIGTERM could not end it.
void isolate([[maybe_unused]] posix_spawn_file_actions_t& actions, posix_spawnattr_t& attributes) {
    sigset_t none{};
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    short flags = POSIX_SPAWN_SETSIGMASK;
#if defined(__APPLE__)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#elif defined(__GLIBC__)
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
#endif
    posix_spawnattr_setflags(&attributes, flags);
}

}  // namespace

void end_servers_on_signals() {
    const sigset_t signals = signals_that_end();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([signals] {
        int number = 0;
        sigwait(&signals, &number);
        // With the lock held, no server starts and no Process ends one meanwhile.
        const std::lock_guard lock(running_mutex);
        for (const pid_t process : running) end_process(process);
        pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
        raise(number);
    }).detach();
}

std::string default_bin() {
    return LAB_BIN;
}

Process::Process(std::vector<std::string> command, const std::vector<std::string>& options)
    : log_(std::tmpfile(), std::fclose) {
    if (!log_) throw std::runtime_error("there is no room for a temporary file");
    fcntl(fileno(log_.get()), F_SETFD, FD_CLOEXEC);
    command.insert(command.end(), options.begin(), options.end());
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    std::array<int, 2> ends{};
    lab::check("pipe", pipe(ends.data()));
    output_ = lab::FileDescriptor(ends[0]);
    const lab::FileDescriptor writing(ends[1]);
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, writing.number(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(log_.get()), STDERR_FILENO);
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    isolate(actions, attributes);
    const std::lock_guard lock(running_mutex);
    const int failure =
        posix_spawnp(&process_, words[0], &actions, &attributes, words.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure) throw std::system_error(failure, std::generic_category(), command.front());
    running.push_back(process_);
}

Process::~Process() {
    const std::lock_guard lock(running_mutex);
    end_process(process_);
    std::erase(running, process_);
}

std::string Process::first_error() const {
    std::array<char, 512> line{};
    std::rewind(log_.get());
    if (!std::fgets(line.data(), static_cast<int>(line.size()), log_.get())) return "";
    return ": " + std::string(line.data(), std::strcspn(line.data(), "\n"));
}

std::optional<std::string> Process::next_line() const {
    std::string line;
    for (char byte = 0;;) {
        pollfd ready{output_.number(), POLLIN, 0};
        if (poll(&ready, 1, kMaxStart) == 0) return std::nullopt;
        const ssize_t count = read(output_.number(), &byte, 1);
        if (count < 0 && lab::try_again()) continue;
        if (count <= 0) return std::nullopt;
        if (byte == '\n') return line;
        line += byte;
    }
}

std::optional<double> Process::cpu_seconds() const {
#if defined(_POSIX_CPUTIME) && _POSIX_CPUTIME >= 0
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return std::nullopt;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
#else
    return std::nullopt;  // macOS has no clock of another process
#endif
}

std::optional<double> Process::resident_kib() const {
    const std::string folder = "/proc/" + std::to_string(process_) + "/";
    std::ifstream exact(folder + "smaps_rollup");
    for (std::string line; std::getline(exact, line);)
        if (line.starts_with("Rss:")) return std::stod(line.substr(4));
    std::ifstream rough(folder + "statm");
    double all = 0;
    double resident = 0;
    if (!(rough >> all >> resident)) return std::nullopt;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

ServerProcess::ServerProcess(const std::string& bin, const std::string& step,
                             const std::vector<std::string>& options)
    : Process({bin + "/" + step, "server", "--port", "0"}, options) {
    const std::string line = next_line().value_or("");
    if (!line.starts_with(kListening) || line.rfind(':') == std::string::npos)
        throw std::runtime_error(bin + "/" + step + " does not listen" + first_error());
    port_ = line.substr(line.rfind(':') + 1);
}

}  // namespace compare
