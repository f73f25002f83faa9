#include "tests/support/process_usage.hpp"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

namespace lab::test {

long resident_kib(pid_t process) {
    const std::string number = std::to_string(process);
    std::ifstream file("/proc/" + number + "/statm");
    long size = 0;
    long resident = 0;
    if (file >> size >> resident) return resident * (sysconf(_SC_PAGESIZE) / 1024);
    if (FILE* const ps = popen(("ps -o rss= -p " + number).c_str(), "r")) {
        if (fscanf(ps, "%ld", &resident) != 1) resident = 0;
        pclose(ps);
    }
    return resident;
}

double cpu_seconds([[maybe_unused]] pid_t process) {
#if defined(_POSIX_CPUTIME) && _POSIX_CPUTIME >= 0
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
#else
    return 0;  // macOS has no clock of another process
#endif
}

}  // namespace lab::test
