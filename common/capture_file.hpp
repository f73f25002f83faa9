// The file of a capture, which is whole at each moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/packet.hpp"

namespace lab {

/// A file of pcapng blocks. Each block is written whole by one write(2), and none crosses the end
/// of a page: Linux looks between two pages whether the process has been killed, so a block in one
/// page is never cut. Only a datagram that does not fit into a page takes more. If a write fails,
/// this is logged once, and nothing more is written. It belongs to one thread at a time.
class CaptureFile {
 public:
    /// The largest file, in bytes: it ends there as if the disk were full.
    static constexpr std::size_t kMaxSize = std::size_t{1024} * 1024 * 1024;

    /// Creates `name`, or empties it, readable for its owner alone. `program` is named in it.
    /// Throws std::system_error if it cannot be created. A pipe that is full counts as a disk that
    /// is full.
    CaptureFile(const std::string& name, const std::string& program);
    CaptureFile(const CaptureFile&) = delete;
    CaptureFile& operator=(const CaptureFile&) = delete;

    /// Adds `packet`, which `sender` has sent just now.
    void add(Side sender, std::string_view packet);

    /// The length of the longest packet that fits into what is left of the page, if that is at
    /// least `wanted` bytes or a quarter of a page; else of the longest that fits into a whole
    /// page.
    [[nodiscard]] std::size_t packet_room(std::size_t wanted) const;

 private:
    static constexpr std::size_t kPage = 4096;

    [[nodiscard]] std::size_t room() const { return kPage - size_ % kPage; }
    [[nodiscard]] std::chrono::microseconds now() const;
    void write_whole(std::string_view block);
    void stop(const std::string& why);

    const std::string name_;
    const int number_;  // never closed: a program records until its end
    const std::chrono::system_clock::time_point begin_ = std::chrono::system_clock::now();
    const std::chrono::steady_clock::time_point steady_begin_ = std::chrono::steady_clock::now();
    std::size_t size_ = 0;
    bool stopped_ = false;
};

}  // namespace lab
