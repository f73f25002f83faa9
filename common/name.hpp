// The names of the people in a chat. 02_threaded_chat is the first that has them.
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// Whether `name` may stand before a message: UTF-8, 1 to 32 characters, no control characters, no
/// line ends, none that turns the direction of the text, and at least one that can be seen.
bool is_name(std::string_view name);
/// What is_name() asks for, in words.
constexpr const char* kNameRule =
    "a name has 1 to 32 characters of UTF-8, one of them visible, and no control characters";

/// `name`, for a terminal: a right-to-left name stays in its place and does not turn the rest of
/// the line around. ASCII cannot, and stays as it is. Source: Unicode, UAX #9, FSI (U+2068) and PDI
/// (U+2069).
std::string isolated(std::string_view name);

/// The message `text` of `name` as one line, `name: text`, for a `terminal` or for a program that
/// reads: see one_line() and isolated().
std::string spoken(std::string_view name, std::string_view text, bool terminal);
/// The same for a `message` in which the name stands already, if any: up to the first ": ".
std::string spoken(std::string_view message, bool terminal);

}  // namespace lab
