// Bytes made visible, for traces and for the messages of failed tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab {

/// The length in bytes, 1 to 4, of the UTF-8 character at the front of `bytes`; 0 if no whole,
/// valid one stands there. Any thread may call it. Source: RFC 3629, section 4.
std::size_t utf8_character(std::string_view bytes);

/// The number of `character`, which is one whole, valid UTF-8 character. Any thread may call it.
char32_t code_point(std::string_view character);

/// Whether the character with the number `code` changes the direction in which the text around it
/// is shown. Any thread may call it. Source: Unicode, UAX #9, section 2.
bool is_bidi_control(char32_t code);

/// Whether `bytes` are UTF-8 from the first to the last. Any thread may call it.
bool is_utf8(std::string_view bytes);

/// How many of `bytes` are whole characters, if what is missing of the last one is still to come:
/// recv(2) may cut a character. Any thread may call it.
std::size_t whole_characters(std::string_view bytes);

/// `bytes` in quotation marks on one line: UTF-8 text as it is, line ends as \n and \r, every other
/// control character, bidirectional ones too, and every byte that is not UTF-8 as \x1b, a backslash
/// doubled. Past `limit` bytes (cut before a character, not within it) it ends in an ellipsis. Any
/// thread may call it.
std::string visible(std::string_view bytes, std::size_t limit = 64);

/// `lines` for a terminal or a log: as they are, but all that is neither a character which shows
/// itself nor LF nor a tab is written as visible() writes it. So a stranger's text cannot move the
/// cursor, change colours, rename the window or turn the line around. Any thread may call it.
std::string without_controls(std::string_view lines);

/// A stranger's `text` as one line: line ends as \n and \r, so that one message never looks like
/// two. For a `terminal` it is without controls too; a program that reads gets these as they are.
/// Any thread may call it.
std::string one_line(std::string_view text, bool terminal = true);

}  // namespace lab
