// What a running process uses: memory and processor time.
#pragma once

#include <sys/types.h>

namespace lab::test {

/// The memory that `process` holds just now, in KiB; 0 if it has ended. Source: proc(5), ps(1).
long resident_kib(pid_t process);

/// The processor time that `process` has used so far, in seconds, while it runs; 0 if it has ended,
/// or where there is no such clock. Source: clock_getcpuclockid(3).
double cpu_seconds(pid_t process);

}  // namespace lab::test
