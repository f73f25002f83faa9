#include "common/name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/utf8.hpp"
#include "common/visible.hpp"

namespace lab {
namespace {

constexpr std::size_t kMaxName = 32;  // characters

struct Range {
    char32_t first, last;
};

// Characters that show nothing of their own: spaces, what has no width, fillers of Hangul and
// Braille, and marks that stand on the character before them, of the blocks that have most of them.
constexpr std::array<Range, 32> kBlanks{{
    {0x20, 0x20},       {0xA0, 0xA0},       {0xAD, 0xAD},     {0x0300, 0x036F}, {0x0483, 0x0489},
    {0x0591, 0x05BD},   {0x0610, 0x061A},   {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC},
    {0x115F, 0x1160},   {0x1680, 0x1680},   {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF},   {0x2000, 0x200D},   {0x202F, 0x202F}, {0x205F, 0x2065}, {0x206A, 0x206F},
    {0x20D0, 0x20FF},   {0x2800, 0x2800},   {0x3000, 0x3000}, {0x302A, 0x302F}, {0x3099, 0x309A},
    {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
}};

bool is_blank(char32_t code) {
    return std::any_of(kBlanks.begin(), kBlanks.end(), [&](const Range& range) {
        return code >= range.first && code <= range.last;
    });
}

}  // namespace

bool is_name(std::string_view name) {
    if (!is_utf8(name) || one_line(name) != name || name.find('\t') != std::string_view::npos)
        return false;
    std::size_t characters = 0;
    bool is_visible = false;
    for (; !name.empty(); ++characters) {
        const std::string_view character = name.substr(0, utf8_character(name));
        if (!is_blank(code_point(character))) is_visible = true;
        name.remove_prefix(character.size());
    }
    return is_visible && characters <= kMaxName;
}

std::string isolated(std::string_view name) {
    const bool ascii =
        std::all_of(name.begin(), name.end(), [](unsigned char byte) { return byte < 0x80; });
    return ascii ? std::string(name) : "\u2068" + std::string(name) + "\u2069";
}

std::string spoken(std::string_view name, std::string_view text, bool terminal) {
    const std::string shown = one_line(name, terminal);
    return (terminal ? isolated(shown) : shown) + ": " + one_line(text, terminal);
}

std::string spoken(std::string_view message, bool terminal) {
    const std::size_t end = message.find(": ");
    const std::string_view name = message.substr(0, end);
    if (end == std::string_view::npos || !is_name(name)) return one_line(message, terminal);
    return spoken(name, message.substr(end + 2), terminal);
}

}  // namespace lab
