#include "tests/support/transcript.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "common/file_descriptor.hpp"

namespace lab::test {
namespace {

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        const auto code = static_cast<unsigned char>(byte);
        text += kDigits[code >> 4];
        text += kDigits[code & 15];
    }
    return text;
}

int open_transcript() {
    const char* const name = std::getenv("LAB_TRANSCRIPT");
    return name ? open(name, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
}

}  // namespace

void note(std::string_view actor, std::string_view action, std::string_view bytes) {
    static const lab::FileDescriptor file(open_transcript());
    static const auto start = std::chrono::steady_clock::now();
    static std::atomic<std::size_t> size = 0;
    if (file.number() < 0 || (size > kMaxTranscript && actor != "case")) return;
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - start;
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.3f", since.count());
    std::string line(seconds.data());
    line.append("\t").append(actor).append("\t").append(action).append("\t");
    line.append(std::to_string(bytes.size())).append(":");
    line.append(hexadecimal(bytes.substr(0, kMaxNoted))).append("\n");
    size += line.size();
    // A case reads errno after a note about the call that failed.
    const int saved_errno = errno;
    // One write to a file opened with O_APPEND puts the line behind all others, whole. What cannot
    // be written is missing from the report; the case itself goes on.
    [[maybe_unused]] const ssize_t written = write(file.number(), line.data(), line.size());
    errno = saved_errno;
}

std::string next_actor(const std::string& kind) {
    static std::mutex mutex;
    static std::map<std::string, int> counts;  // guarded by mutex
    const std::lock_guard lock(mutex);
    const int number = ++counts[kind];
    return number == 1 ? kind : kind + " " + std::to_string(number);
}

}  // namespace lab::test
