// A stream of lines from strangers, for a terminal. 02_threaded_chat is the first that needs it.
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// Makes a stream that arrives in pieces of any size fit for a terminal: control characters are
/// made visible, and a name at the beginning of a line, up to its ": ", is isolated. Keeps at most
/// the 3 bytes of a character whose end has not come yet.
class TerminalText {
 public:
    /// The text to print of `bytes`, and of those that were kept before: see without_controls(),
    /// isolated().
    std::string take(std::string_view bytes);
    /// The text to print at the end of the stream: half of a character, if there is one.
    std::string finish();

 private:
    std::string half_;         // the beginning of a character
    bool line_begins_ = true;  // with the next character
};

}  // namespace lab
