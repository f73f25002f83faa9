// Names that nobody has chosen before: of a run of a server, of a room, of a message that may be
// sent twice.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace lab {

/// `digits` hexadecimal digits at random.
inline std::string random_hex(std::size_t digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::random_device random;
    std::string text;
    for (std::random_device::result_type bits = 0; text.size() < digits; bits >>= 4) {
        if (text.size() % 8 == 0) bits = random();
        text += kDigits[bits & 0xF];
    }
    return text;
}

}  // namespace lab
