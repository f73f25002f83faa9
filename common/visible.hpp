// Bytes made visible, for traces and for the messages of failed tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab {

/// The length in bytes, 1 to 4, of the UTF-8 character at the front of `bytes`; 0 if no whole,
/// valid one stands there. Any thread may call it. Source: RFC 3629, section 4.
std::size_t utf8_character(std::string_view bytes);

/// Whether `bytes` are UTF-8 from the first to the last. Any thread may call it.
bool is_utf8(std::string_view bytes);

/// `bytes` in quotation marks on one line: UTF-8 text as it is, line ends as \n and \r, every other
/// control character and every byte that is not UTF-8 as \x1b, a backslash doubled. Past `limit`
/// bytes (cut before a character, not within it) it ends in an ellipsis. Any thread may call it.
std::string visible(std::string_view bytes, std::size_t limit = 64);

/// `bytes` for a terminal: as they are, but each control character that is not a line end or a tab
/// as \x1b, so that a stranger's text cannot move the cursor, change colours or rename the window.
/// Any thread may call it.
std::string without_controls(std::string_view bytes);

}  // namespace lab
