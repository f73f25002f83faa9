// UTF-8: whether bytes are text, where a character ends, and which number it has. One automaton,
// Utf8Validator, knows the rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lab {

/// Checks UTF-8 that arrives in pieces of any size, which may cut a character in two. Source: RFC
/// 3629, section 4; RFC 6455, section 8.1.
class Utf8Validator {
 public:
    /// Returns false if `bytes` hold a byte that cannot stand there, whatever follows: then the
    /// validator is of no more use.
    [[nodiscard]] bool take(std::string_view bytes);

    /// Whether no character has begun and not ended: a text may end here.
    [[nodiscard]] bool complete() const { return missing_ == 0; }

 private:
    bool begin_character(std::uint8_t byte);

    int missing_ = 0;                              // bytes of the character that have not come yet
    std::uint8_t lowest_ = 0x80, highest_ = 0xBF;  // the range of the next of them
};

/// Whether `bytes` are UTF-8 from the first to the last.
bool is_utf8(std::string_view bytes);

/// The length in bytes, 1 to 4, of the character at the front of `bytes`; 0 if no whole, valid one
/// stands there.
std::size_t utf8_character(std::string_view bytes);

/// How many bytes at the front of `bytes` belong to one character: all of a whole one, or those of
/// one that is cut off before it is whole; 0 if the first byte begins none.
std::size_t utf8_beginning(std::string_view bytes);

/// How many of `bytes` are whole characters, if the rest of the last one may still come: recv(2)
/// may cut a character.
std::size_t whole_characters(std::string_view bytes);

/// The number of `character`, which is one whole, valid character.
char32_t code_point(std::string_view character);

}  // namespace lab
