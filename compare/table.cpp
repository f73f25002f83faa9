#include "compare/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace compare {
namespace {

constexpr std::size_t kGap = 2;
// As wide as 0.123, so that tables of the same columns stand alike whatever was measured.
constexpr std::size_t kFigures = 5;

std::string padded(std::string_view text, std::size_t width, bool left) {
    const std::string space(width - std::min(width, width_of(text)), ' ');
    return left ? std::string(text).append(space) : space + std::string(text);
}

// Groups of three digits, where they help to read.
std::string in_groups(std::string digits) {
    if (digits.size() > 4)
        for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, 1, ' ');
    return digits;
}

std::string without_trailing_space(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void Table::column(const std::string& heading, const std::string& group) {
    std::vector<std::string> lines{""};
    for (const char c : heading) {
        if (c == '\n') {
            lines.emplace_back();
        } else {
            lines.back() += c;
        }
    }
    columns_.push_back({std::move(lines), group});
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = i == 0 ? 0 : kFigures;
        for (const std::string& line : columns_[i].heading) width = std::max(width, width_of(line));
        for (const auto& cells : rows_) {
            // The last cell of a shorter row goes on to the end.
            const bool counts = cells.size() == columns_.size() || i + 1 < cells.size();
            if (counts) width = std::max(width, width_of(cells[i]));
        }
        widths.push_back(width);
    }
    return widths;
}

// Each group's name in the middle of a line over its columns.
std::string Table::group_line(const std::vector<std::size_t>& widths) const {
    std::string line;
    for (std::size_t i = 0; i < columns_.size();) {
        std::size_t end = i + 1;
        std::size_t width = widths[i];
        while (end < columns_.size() && !columns_[i].group.empty() &&
               columns_[end].group == columns_[i].group)
            width += kGap + widths[end++];
        std::string name = columns_[i].group;
        if (!name.empty() && width > width_of(name) + 2) {
            const std::size_t rest = width - width_of(name) - 2;
            std::string rule;
            for (std::size_t k = 0; k < rest / 2; ++k) rule += "─";
            name = std::string(rule).append(" ").append(name).append(" ").append(rule);
            if (rest % 2 != 0) name += "─";
        }
        line += padded(name, width, false) + std::string(kGap, ' ');
        i = end;
    }
    return line;
}

std::string Table::text(std::string_view bold, std::string_view plain) const {
    const std::vector<std::size_t> width = widths();
    std::string text(bold);
    if (std::ranges::any_of(columns_, [](const Column& column) { return !column.group.empty(); }))
        text += without_trailing_space(group_line(width));
    std::size_t lines = 0;
    for (const Column& column : columns_) lines = std::max(lines, column.heading.size());
    for (std::size_t line = 0; line < lines; ++line) {
        std::string row;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            // Headings end on the same line.
            const auto& heading = columns_[i].heading;
            const std::size_t skipped = lines - heading.size();
            row += padded(line < skipped ? "" : heading[line - skipped], width[i], i == 0);
            row += std::string(kGap, ' ');
        }
        text += without_trailing_space(row);
    }
    text += plain;
    for (const auto& cells : rows_) {
        std::string row;
        const bool whole = cells.size() == columns_.size();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool rest = !whole && i + 1 == cells.size();
            row += rest ? cells[i] : padded(cells[i], width[i], i == 0);
            row += std::string(kGap, ' ');
        }
        text += without_trailing_space(row);
    }
    return text;
}

std::string three_figures(double value) {
    int decimals = 0;
    if (value < 99.95) decimals = 1;
    if (value < 9.995) decimals = 2;
    if (value < 0.9995) decimals = 3;
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    std::string figures(text.data(), static_cast<std::size_t>(size));
    if (figures.find_first_not_of("0.") == std::string::npos) return "0";
    return decimals == 0 ? in_groups(figures) : figures;
}

std::string whole_number(std::uint64_t value) {
    return in_groups(std::to_string(value));
}

}  // namespace compare
