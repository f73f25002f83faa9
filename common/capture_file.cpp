#include "common/capture_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/check.hpp"
#include "common/log.hpp"
#include "common/pcapng.hpp"

namespace lab {

// O_NONBLOCK: a pipe whose reader is slow must not stop the program.
CaptureFile::CaptureFile(const std::string& name, const std::string& program)
    : name_(name),
      number_(check("create " + name,
                    open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK,
                         S_IRUSR | S_IWUSR))) {
    write_whole(pcapng::file_header(
        program,
        "Recorded by the program itself: payload, addresses, times and ends are real; "
        "sequence numbers, acknowledgements and packet sizes are made up."));
}

void CaptureFile::add(Side sender, std::string_view packet) {
    const auto direction = sender == Side::own ? pcapng::Direction::out : pcapng::Direction::in;
    const std::string block = pcapng::packet_block(now(), direction, packet);
    if (block.size() > room() && room() < kPage) write_whole(pcapng::filler(room()));
    write_whole(block);
}

std::size_t CaptureFile::packet_room(std::size_t wanted) const {
    const std::size_t left = room() - std::min(room(), pcapng::kMaxOverhead);
    return left < wanted && left < kPage / 4 ? kPage - pcapng::kMaxOverhead : left;
}

// Never runs back, also when the clock is set.
std::chrono::microseconds CaptureFile::now() const {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    return duration_cast<microseconds>(begin_.time_since_epoch()) +
           duration_cast<microseconds>(std::chrono::steady_clock::now() - steady_begin_);
}

void CaptureFile::write_whole(std::string_view block) {
    if (stopped_) return;
    if (size_ + block.size() > kMaxSize) return stop("it has reached 1 GiB");
    ssize_t written = 0;
    do {
        written = write(number_, block.data(), block.size());
    } while (written < 0 && errno == EINTR);
    if (written == static_cast<ssize_t>(block.size())) {
        size_ += block.size();
        return;
    }
    stop(std::strerror(written < 0 ? errno : ENOSPC));
    // The blocks before it are still a whole file.
    if (written > 0) (void)!ftruncate(number_, static_cast<off_t>(size_));
}

void CaptureFile::stop(const std::string& why) {
    stopped_ = true;
    log("capture " + name_ + ": " + why + ": nothing more is recorded");
}

}  // namespace lab
