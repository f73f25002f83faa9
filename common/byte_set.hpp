// A set of bytes that is asked for each byte of a text.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace lab {

/// The bytes of a text, in a table: whether a byte is one of them takes one look, and no search.
class ByteSet {
 public:
    explicit constexpr ByteSet(std::string_view members) {
        for (const char byte : members) has_[static_cast<unsigned char>(byte)] = true;
    }
    [[nodiscard]] constexpr bool has(char byte) const {
        return has_[static_cast<unsigned char>(byte)];
    }
    /// Whether each byte of `text` is a member; so it is if `text` is empty.
    [[nodiscard]] constexpr bool has_all(std::string_view text) const {
        return std::ranges::all_of(text, [this](char byte) { return has(byte); });
    }

 private:
    std::array<bool, 256> has_{};
};

}  // namespace lab
