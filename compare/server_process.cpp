#include "compare/server_process.hpp"

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
#include <stdexcept>
#include <thread>
#include <utility>

#include "common/check.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared

namespace compare {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kListening = "listening on ";
constexpr int kStartMilliseconds = 10'000;
constexpr auto kGoodbye = 2s;

// Of what we have open, the process gets its three streams alone: not the pipes of other servers,
// nor a relay's sockets.
void keep_no_more([[maybe_unused]] posix_spawn_file_actions_t& actions,
                  [[maybe_unused]] posix_spawnattr_t& attributes) {
#if defined(__APPLE__)
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_CLOEXEC_DEFAULT);
#elif defined(__GLIBC__)
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
#endif
}

}  // namespace

std::string default_bin() {
    return LAB_BIN;
}

ServerProcess::ServerProcess(const std::string& bin, const std::string& step,
                             const std::vector<std::string>& options)
    : program_(bin + "/" + step), log_(std::tmpfile(), std::fclose) {
    if (!log_) throw std::runtime_error("there is no room for a temporary file");
    fcntl(fileno(log_.get()), F_SETFD, FD_CLOEXEC);
    std::vector<std::string> command{program_, "server", "--port", "0"};
    command.insert(command.end(), options.begin(), options.end());
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    start(std::move(words));

    const std::string line = read_line();
    const std::size_t colon = line.rfind(':');
    if (!line.starts_with(kListening) || colon == std::string::npos) {
        end();
        throw std::runtime_error(program_ + " does not listen" + last_words());
    }
    port_ = line.substr(colon + 1);
}

void ServerProcess::start(std::vector<char*> words) {
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
    keep_no_more(actions, attributes);
    const int failure =
        posix_spawn(&process_, words[0], &actions, &attributes, words.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure) throw std::runtime_error(program_ + ": " + std::strerror(failure));
}

// What it has said on stderr, for a message.
std::string ServerProcess::last_words() {
    std::string words;
    std::rewind(log_.get());
    for (int c = std::fgetc(log_.get()); c != EOF && c != '\n'; c = std::fgetc(log_.get()))
        words += static_cast<char>(c);
    return words.empty() ? "" : ": " + words;
}

// The first line that it prints; what has come of it, if it ends or waits too long.
std::string ServerProcess::read_line() {
    std::string line;
    for (char byte = 0;;) {
        pollfd ready{output_.number(), POLLIN, 0};
        if (poll(&ready, 1, kStartMilliseconds) == 0) return line;
        const ssize_t count = read(output_.number(), &byte, 1);
        if (count < 0 && lab::try_again()) continue;
        if (count <= 0 || byte == '\n') return line;
        line += byte;
    }
}

ServerProcess::~ServerProcess() {
    end();
}

void ServerProcess::end() const {
    kill(process_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + kGoodbye;
    while (waitpid(process_, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) kill(process_, SIGKILL);
        std::this_thread::sleep_for(1ms);
    }
}

std::optional<double> ServerProcess::cpu_seconds() const {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return std::nullopt;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

std::optional<double> ServerProcess::resident_kib() const {
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

}  // namespace compare
