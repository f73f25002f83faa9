// Text in messages, for their fields and tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/dissect/message.hpp"

namespace wire {

/// The first kMaxText bytes of `bytes`, or a few less: no character of UTF-8 is cut.
std::string beginning(std::string_view bytes, std::size_t limit = Message::kMaxText);

/// The characters of `text` that take more than one byte, each with its number, its bytes and their
/// bits; at most 16 different ones. Without any of them there are no rows, and no table is needed.
/// Source: RFC 3629, section 3.
Table utf8_table(std::string_view text);

/// Adds utf8_table(text) to `tables` if it has rows.
void add_utf8_table(std::vector<Table>& tables, std::string_view text);

/// The `count` highest bits of `byte` from `first` on, as Wireshark writes them: bit 0 of 0x81 is
/// "1... ....".
std::string bits(unsigned char byte, int first, int count);

/// "1 byte", "2 bytes".
std::string count_of(std::uint64_t count, const std::string& thing);

}  // namespace wire
