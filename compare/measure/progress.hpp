// The progress of the work, for a person who waits.
#pragma once

#include <unistd.h>

#include <iostream>
#include <string>

namespace compare {

/// One line on stderr, which the next one replaces if stderr is a terminal. One thread.
class Progress {
 public:
    Progress() = default;
    ~Progress() {
        if (terminal_) std::cerr << kClear << std::flush;
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void tell(const std::string& what) const {
        std::cerr << (terminal_ ? kClear : "") << "compare: " << what << " …"
                  << (terminal_ ? "" : "\n") << std::flush;
    }

 private:
    static constexpr const char* kClear = "\r\033[K";
    const bool terminal_ = isatty(STDERR_FILENO) != 0;
};

}  // namespace compare
