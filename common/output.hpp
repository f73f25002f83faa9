// Standard output of a program that must not lose anything: exit status 0 says that all was
// printed. No step teaches it.
#pragma once

#include <poll.h>

namespace lab {

/// Sends on what std::cout still holds. Throws std::system_error, which reads `standard output: No
/// space left on device`, if that fails or has failed before.
void flush_output();

/// An entry for poll(2) that wakes when nobody can read standard output any more, as behind `| head
/// -1`; it waits for nothing where standard output is no pipe.
pollfd output_reader();

/// Throws std::system_error, which reads `standard output: Broken pipe`, if poll(2) has found that
/// the reader of `entry`, an output_reader(), is gone.
void check_output_reader(const pollfd& entry);

}  // namespace lab
