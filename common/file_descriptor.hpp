// The owner of a file descriptor. 01_tcp_echo shows the bare close(2) that it saves everybody else.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace lab::capture {
void closing(int socket);  // of common/capture.hpp, on which not everything has to depend
}

namespace lab {

/// Owns one open file descriptor and closes it once, when the owner ends: close(2). Moves, never
/// copies. Belongs to one thread at a time; the number it gives out is good as long as it lives.
class FileDescriptor {
 public:
    FileDescriptor() = default;
    /// Takes over `number`, an open descriptor, or a negative number for none. A program that we
    /// start does not inherit it (FD_CLOEXEC): the peer would wait in vain for us to close it.
    explicit FileDescriptor(int number) : number_(number) {
        if (number_ >= 0) fcntl(number_, F_SETFD, FD_CLOEXEC);
    }
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() {
        // No retry after EINTR: the descriptor is gone all the same, its number perhaps already
        // another's.
        if (number_ < 0) return;
        capture::closing(number_);
        close(number_);
    }

    /// The number to hand to a system call; negative if it owns none.
    [[nodiscard]] int number() const { return number_; }
    /// The same, and owns it no more: the caller is to close it.
    [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
    int number_ = -1;
};

}  // namespace lab
