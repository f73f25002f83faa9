#include "compare/fate.hpp"

#include <random>

namespace compare {
namespace {

/// Numbers that are the same everywhere: the generator is the standard's, its distributions are
/// not.
class Draw {
 public:
    Draw(std::uint32_t seed, std::uint32_t number) {
        std::seed_seq sequence{seed, number};
        generator_.seed(sequence);
    }
    /// From 0 to less than 1.
    double part() { return static_cast<double>(generator_()) / 4294967296.0; }
    /// From `least` to less than `most`.
    std::size_t between(std::size_t least, std::size_t most) {
        return least + static_cast<std::size_t>(part() * static_cast<double>(most - least));
    }

 private:
    std::mt19937 generator_;
};

}  // namespace

Fate fate_of(const Trouble& trouble, std::uint32_t number) {
    Draw draw(trouble.seed, number);
    // All is drawn, needed or not: so more stalls do not move the cuts.
    const bool cut = draw.part() < trouble.cut;
    const std::size_t cut_after = draw.between(kLeastBytes, kMostBytes);
    const bool reset = draw.part() < 0.5;
    const bool stall = draw.part() < trouble.stall;
    const std::size_t stall_after = draw.between(kLeastBytes, kMostBytes);
    const std::chrono::milliseconds time(
        draw.between(static_cast<std::size_t>(kShortestStall.count()),
                     static_cast<std::size_t>(kLongestStall.count())));
    Fate fate;
    if (cut) fate.cut_after = cut_after;
    fate.reset = cut && reset;
    if (stall) fate.stall_after = stall_after;
    if (stall) fate.stall = time;
    return fate;
}

std::string words_of(const Fate& fate) {
    std::string words;
    if (fate.stall_after) {
        words += "stands still for " + std::to_string(fate.stall.count()) + " ms after " +
                 std::to_string(*fate.stall_after) + " bytes";
    }
    if (fate.cut_after) {
        words += std::string(words.empty() ? "" : ", ") + "cut after " +
                 std::to_string(*fate.cut_after) + " bytes " + (fate.reset ? "(RST)" : "(FIN)");
    }
    return words;
}

}  // namespace compare
