// Bytes made visible, for traces and for the messages of failed tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab {

/// Whether the character with the number `code` changes the direction in which the text around it
/// is shown. Source: Unicode, UAX #9, section 2.
bool is_bidi_control(char32_t code);

/// `bytes` in quotation marks on one line: UTF-8 text as it is, line ends as \n and \r, every other
/// control character, bidirectional ones too, and every byte that is not UTF-8 as \x1b, a backslash
/// doubled. Past `limit` bytes (cut before a character, not within it) it ends in an ellipsis.
std::string visible(std::string_view bytes, std::size_t limit = 64);

/// `lines` for a terminal or a log: as they are, but all that is neither a character which shows
/// itself nor LF nor a tab is written as visible() writes it. Therefore a stranger's text cannot
/// move the cursor, change colours, rename the window or turn the line around.
std::string without_controls(std::string_view lines);

/// A stranger's `text` as one line: line ends as \n and \r, so that one message never looks like
/// two. If it goes to a `terminal`, it has no controls either; a program that reads gets these as
/// they are.
///
std::string one_line(std::string_view text, bool terminal = true);

}  // namespace lab
