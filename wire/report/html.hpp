// The page: the ladder, and under it each message with what its bytes mean.
#pragma once

#include <cstddef>
#include <string>

#include "wire/report/recording.hpp"

namespace wire {

/// The most messages of a page; it says how many more there are.
inline constexpr std::size_t kMaxPageMessages = 500;

/// `recording` as one page that needs nothing else: it can be read without script, on paper, in
/// light and dark, on a phone and aloud. `file` is the name of the capture.
std::string html(const Recording& recording, const std::string& file, const Style& style);

}  // namespace wire
