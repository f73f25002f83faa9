// The ladder as a picture: who sent what to whom, from top to bottom.
#pragma once

#include <cstddef>
#include <string>

#include "wire/report/recording.hpp"

namespace wire {

/// The most messages of a picture; it says how many more there are.
inline constexpr std::size_t kMaxPictureMessages = 40;

/// `recording` as SVG for a page: its text is text, it follows the reader's light or dark scheme,
/// and it has no script. `title` is for people to whom the picture is read. Source: W3C, SVG 1.1.
std::string svg(const Recording& recording, const std::string& title, const Style& style);

}  // namespace wire
