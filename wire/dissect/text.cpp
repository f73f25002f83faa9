#include "wire/dissect/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "04_handshake/frame_fields.hpp"
#include "common/utf8.hpp"

namespace wire {
namespace {

constexpr std::size_t kMaxRows = 16;

// "110 10000": the bits of one byte of a character; the first ones only say where it stands.
std::string split_bits(unsigned char byte, std::size_t size, bool first) {
    std::string text;
    const std::size_t head = !first ? 2 : size + 1;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == head) text += ' ';
        text += byte & (0x80 >> i) ? '1' : '0';
    }
    return text;
}

}  // namespace

std::string beginning(std::string_view bytes, std::size_t limit) {
    if (bytes.size() <= limit) return std::string(bytes);
    std::size_t end = limit;
    while (end > 0 && limit - end < 3 && (bytes[end] & 0xC0) == 0x80) --end;
    return std::string(bytes.substr(0, end));
}

Table utf8_table(std::string_view text) {
    Table table{"UTF-8: characters of more than one byte (RFC 3629)",
                {"character", "number", "bytes", "bits: where it stands, then the number"},
                {}};
    std::set<std::string_view> seen;
    while (!text.empty() && table.rows.size() < kMaxRows) {
        const std::size_t size = std::max<std::size_t>(1, lab::utf8_character(text));
        const std::string_view character = text.substr(0, size);
        text.remove_prefix(size);
        if (size == 1 || !seen.insert(character).second) continue;
        std::array<char, 16> code{};
        std::snprintf(code.data(), code.size(), "U+%04X",
                      static_cast<unsigned>(lab::code_point(character)));
        std::string shown;
        for (std::size_t i = 0; i < size; ++i) {
            if (i > 0) shown += " · ";
            shown += split_bits(static_cast<unsigned char>(character[i]), size, i == 0);
        }
        table.rows.push_back(
            {std::string(character), code.data(), websocket::hexadecimal(character), shown});
    }
    return table;
}

void add_utf8_table(std::vector<Table>& tables, std::string_view text) {
    Table table = utf8_table(text);
    if (!table.rows.empty()) tables.push_back(std::move(table));
}

std::string bits(unsigned char byte, int first, int count) {
    std::string text;
    for (int i = 0; i < 8; ++i) {
        if (i == 4) text += ' ';
        const bool shown = i >= first && i < first + count;
        text += !shown ? '.' : byte & (0x80 >> i) ? '1' : '0';
    }
    return text;
}

std::string count_of(std::uint64_t count, const std::string& thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace wire
