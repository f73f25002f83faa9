// Time limits on a machine that is slow, or busy with other things.
#pragma once

#include <algorithm>
#include <chrono>

namespace lab::test {

/// How much longer than `limit` something may take that takes `limit` at most on an ordinary
/// machine that has nothing else to do: 0 on such a machine, and at most 20 s. Looks at what a
/// small computation takes now, which takes 50 ms there, and at the load of the last minute, so it
/// takes its time: call it only when `limit` is over. Any thread may call it. Source:
/// getloadavg(3).
std::chrono::milliseconds patience(std::chrono::milliseconds limit);

/// Waits between two looks at something of which nobody can tell us when it happens. The processor
/// is for others meanwhile, the program under test among them.
void pause_between_looks(std::chrono::milliseconds time = std::chrono::milliseconds(10));

/// Calls `wait`, which returns whether something has happened within a time limit; if it has not
/// within `limit`, again with the machine's patience(), and with the time by which the first call
/// was late: for so long nobody else may have had a processor either.
template <class Wait>
bool wait_patiently(Wait wait, std::chrono::milliseconds limit) {
    using std::chrono::milliseconds, std::chrono::steady_clock;
    const auto due = steady_clock::now() + limit;
    if (wait(limit)) return true;
    const auto late = std::chrono::ceil<milliseconds>(steady_clock::now() - due);
    return wait(patience(limit) + std::max(milliseconds(0), late));
}

/// Whether `passed` is longer than `limit` and this machine's patience with it.
inline bool took_longer(std::chrono::steady_clock::duration passed,
                        std::chrono::milliseconds limit) {
    return passed > limit && passed > limit + patience(limit);
}

}  // namespace lab::test
