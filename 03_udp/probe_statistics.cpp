#include "03_udp/probe_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace udp {

std::uint32_t ProbeStatistics::send(Time now) {
    sent_.push_back({now});
    return static_cast<std::uint32_t>(sent_.size());
}

std::optional<ProbeStatistics::Arrival> ProbeStatistics::receive(std::uint32_t number, Time now) {
    if (number == 0 || number > sent_.size()) return std::nullopt;
    Sent& sent = sent_[number - 1];
    Arrival arrival{.duplicate = sent.answered, .round_trip = now - sent.when};
    if (arrival.duplicate) {
        ++duplicated_;
        return arrival;
    }
    sent.answered = true;
    arrival.reordered = number < next_expected_;
    if (arrival.reordered) {
        ++reordered_;
    } else {
        next_expected_ = number + 1;
    }
    const double milliseconds =
        std::chrono::duration<double, std::milli>(arrival.round_trip).count();
    least_ = received_ == 0 ? milliseconds : std::min(least_, milliseconds);
    most_ = std::max(most_, milliseconds);
    sum_ += milliseconds;
    sum_of_squares_ += milliseconds * milliseconds;
    ++received_;
    return arrival;
}

std::string ProbeStatistics::summary() const {
    const auto count = [](std::size_t number) { return static_cast<double>(number); };
    const double lost =
        sent_.empty() ? 0 : 100 * count(sent_.size() - received_) / count(sent_.size());
    std::array<char, 256> text{};
    std::snprintf(text.data(), text.size(),
                  "%zu sent, %zu received, %g%% lost, %zu duplicated, %zu reordered\n",
                  sent_.size(), received_, lost, duplicated_, reordered_);
    std::string lines = text.data();
    if (received_ == 0) return lines;

    const double average = sum_ / count(received_);
    // The standard deviation, which ping calls mdev. Rounding may leave a little less than nothing.
    const double variance = std::max(0.0, sum_of_squares_ / count(received_) - average * average);
    std::snprintf(text.data(), text.size(), "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n",
                  least_, average, most_, std::sqrt(variance));
    return lines + text.data();
}

}  // namespace udp
