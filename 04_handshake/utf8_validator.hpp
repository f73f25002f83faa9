// Whether a text that arrives in pieces is UTF-8: RFC 6455 wants to know as early as can be.
#pragma once

#include <cstdint>
#include <string_view>

namespace websocket {

/// Checks UTF-8 that arrives in pieces of any size, which may cut a character in two. One thread at
/// a time. Source: RFC 3629, section 4; RFC 6455, section 8.1.
class Utf8Validator {
 public:
    /// Returns false if `bytes` hold a byte that cannot stand there, whatever follows: then the
    /// validator is of no more use.
    [[nodiscard]] bool take(std::string_view bytes);

    /// Whether no character is begun and not ended: a text may end here.
    [[nodiscard]] bool complete() const { return missing_ == 0; }

 private:
    bool begin_character(std::uint8_t byte);

    // How many bytes the character still lacks, and the range of the next of them.
    int missing_ = 0;
    std::uint8_t lowest_ = 0x80, highest_ = 0xBF;
};

}  // namespace websocket
