#include "tests/support/guarded_bytes.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "common/check.hpp"

namespace lab::test {

GuardedBytes::GuardedBytes(std::string_view bytes) : size_(bytes.size()) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t readable = (size_ + page - 1) / page * page;
    mapped_ = readable + page;
    void* const memory =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    begin_ = static_cast<char*>(memory);
    end_ = begin_ + readable;
    check("mprotect", mprotect(end_, page, PROT_NONE));
    std::memcpy(data(), bytes.data(), size_);
}

GuardedBytes::~GuardedBytes() {
    munmap(begin_, mapped_);
}

}  // namespace lab::test
