#include "compare/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace compare {

Sample::Sample(std::vector<double> values) : values_(std::move(values)) {
    std::ranges::sort(values_);
}

double Sample::percentile(double percent) const {
    const auto count = static_cast<double>(values_.size());
    const double rank = std::ceil(percent / 100 * count);
    return values_[static_cast<std::size_t>(std::clamp(rank, 1.0, count)) - 1];
}

}  // namespace compare
