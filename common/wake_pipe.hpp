// Wakes a thread that waits in poll(2): the self-pipe trick. 02_threaded_chat shows what it is for.
#pragma once

#include "common/file_descriptor.hpp"

namespace lab {

/// A pipe whose reading end one thread polls, besides its sockets, and into which others write when
/// it has to look up. A byte that is written before the poll begins is still there when it does: no
/// wake-up is missed. Source: pipe(2), D. J. Bernstein's self-pipe trick.
class WakePipe {
 public:
    /// Throws std::system_error if there is no descriptor left.
    WakePipe();

    /// Wakes the thread that polls. Any thread and any signal handler may call it; leaves errno
    /// alone.
    void wake() const noexcept;

    /// The descriptor to poll for POLLIN.
    [[nodiscard]] int reading_end() const { return reading_.number(); }

    /// Takes out what was written, so that the next poll waits again. Only the polling thread.
    void clear() const;

 private:
    FileDescriptor reading_, writing_;
};

}  // namespace lab
