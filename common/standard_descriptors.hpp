// Descriptors 0, 1 and 2 are what a program believes them to be. 01_tcp_echo's lesson shows why.
#pragma once

namespace lab {

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, as `<&-` and `2>&-` of a
/// shell leave them. Otherwise the next socket(2) or open(2) would get that number, and what is
/// meant for the log would go to a peer. The first call of a program, before any other descriptor
/// is made. Throws std::system_error. Source: open(2), "the lowest-numbered file descriptor".
void open_standard_descriptors();

}  // namespace lab
