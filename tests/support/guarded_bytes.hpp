// Bytes behind which nothing may be read.
#pragma once

#include <cstddef>
#include <string_view>

namespace lab::test {

/// A copy of some bytes that ends where a page begins which nobody may touch: a parser that reads
/// behind its input ends the test program, with or without a sanitizer. Source: mmap(2),
/// mprotect(2). The idea is picohttpparser's.
class GuardedBytes {
 public:
    /// Throws std::system_error if there is no memory.
    explicit GuardedBytes(std::string_view bytes);
    ~GuardedBytes();
    GuardedBytes(const GuardedBytes&) = delete;
    GuardedBytes& operator=(const GuardedBytes&) = delete;

    [[nodiscard]] char* data() const { return end_ - size_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::string_view view() const { return {data(), size_}; }

 private:
    std::size_t size_;
    std::size_t mapped_;  // bytes, with the page that nobody may touch
    char* begin_;
    char* end_;
};

}  // namespace lab::test
