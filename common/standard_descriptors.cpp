#include "common/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "common/check.hpp"

namespace lab {

// lesson: missing
void open_standard_descriptors() {
    // open takes the lowest number that is free: once it takes one past stderr's, none is missing.
    int opened = STDIN_FILENO;
    while (opened <= STDERR_FILENO) opened = check("open /dev/null", open("/dev/null", O_RDWR));
    close(opened);
}
// lesson end

}  // namespace lab
