// The statistics of measured values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace compare {

/// Values in ascending order.
class Sample {
 public:
    Sample() = default;
    explicit Sample(std::vector<double> values) : values_(std::move(values)) {
        std::ranges::sort(values_);
    }

    [[nodiscard]] const std::vector<double>& values() const { return values_; }
    /// The least value that at least `percent` of all, 0 to 100, do not exceed: the nearest rank.
    /// It is one of the values. The sample is not empty.
    [[nodiscard]] double percentile(double percent) const {
        const auto count = static_cast<double>(values_.size());
        const double rank = std::ceil(percent / 100 * count);
        return values_[static_cast<std::size_t>(std::clamp(rank, 1.0, count)) - 1];
    }

 private:
    std::vector<double> values_;
};

}  // namespace compare
