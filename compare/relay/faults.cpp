#include "compare/relay/faults.hpp"

#include <random>

namespace relay {
Faults faults_of(const FaultRates& rates, std::uint32_t number) {
    std::seed_seq sequence{rates.seed, number};
    std::mt19937 generator(sequence);
    // From 0 to less than 1, and the same everywhere: the standard defines its generators to the
    // bit, but not its distributions.
    const auto part = [&] { return static_cast<double>(generator()) / 4294967296.0; };
    const auto between = [&](std::size_t least, std::size_t most) {
        return least + static_cast<std::size_t>(part() * static_cast<double>(most - least));
    };
    // All numbers are drawn, needed or not: so another rate of stalls does not move the cuts.
    const bool cut = part() < rates.cut;
    const std::size_t cut_after = between(kMinPosition, kMaxPosition);
    const bool reset = part() < 0.5;
    const bool stall = part() < rates.stall;
    const std::size_t stall_after = between(kMinPosition, kMaxPosition);
    const std::chrono::milliseconds time(between(static_cast<std::size_t>(kMinStall.count()),
                                                 static_cast<std::size_t>(kMaxStall.count())));
    Faults faults;
    if (cut) faults.cut_after = cut_after;
    faults.reset = cut && reset;
    if (stall) faults.stall_after = stall_after;
    if (stall) faults.stall = time;
    return faults;
}

std::string describe(const Faults& faults) {
    std::string words;
    if (faults.stall_after) {
        words += "stands still for " + std::to_string(faults.stall.count()) + " ms after " +
                 std::to_string(*faults.stall_after) + " bytes";
    }
    if (faults.cut_after) {
        words += std::string(words.empty() ? "" : ", ") + "cut after " +
                 std::to_string(*faults.cut_after) + " bytes " + (faults.reset ? "(RST)" : "(FIN)");
    }
    return words;
}

}  // namespace relay
