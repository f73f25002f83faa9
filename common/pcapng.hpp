// The file format of captures, pcapng: blocks that tell their own length. It knows no file and no
// clock. Source: IETF draft-ietf-opsawg-pcapng.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lab::pcapng {

/// Each block's length is a multiple of this: no piece of a file between two blocks is too short
/// for a filler().
inline constexpr std::size_t kAlignment = 16;
/// A packet's block is longer than the packet by no more than this.
inline constexpr std::size_t kMaxOverhead = 64;

/// The first two blocks of a file: the section header, which says that `program` wrote it, and
/// `comment`; then the one interface, whose packets begin with an IP header (link type RAW). Times
/// are in microseconds.
std::string file_header(std::string_view program, std::string_view comment);

enum class Direction : std::uint8_t { in = 1, out = 2 };

/// The block of one packet (type 6), at `time` since 1970.
std::string packet_block(std::chrono::microseconds time, Direction direction,
                         std::string_view packet);

/// A block of `size` bytes, a multiple of kAlignment, that says nothing: readers pass over its
/// type, which is one for local use.
std::string filler(std::size_t size);

}  // namespace lab::pcapng
