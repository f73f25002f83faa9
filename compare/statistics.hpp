// The statistics of a number of measured values.
#pragma once

#include <cstddef>
#include <vector>

namespace compare {

/// Values in ascending order. A plain value.
class Sample {
 public:
    Sample() = default;
    explicit Sample(std::vector<double> values);

    [[nodiscard]] bool empty() const { return values_.empty(); }
    [[nodiscard]] const std::vector<double>& values() const { return values_; }
    /// The least value that is not exceeded by `percent` of all, 0 to 100, in the nearest rank: one
    /// of the values, never something between two. Not of an empty sample.
    [[nodiscard]] double percentile(double percent) const;
    [[nodiscard]] double median() const { return percentile(50); }
    [[nodiscard]] double most() const { return values_.back(); }

 private:
    std::vector<double> values_;
};

}  // namespace compare
