#include "compare/report/table.hpp"

#include <algorithm>
#include <sstream>

namespace compare {
namespace {

constexpr std::size_t kGap = 2;
// The width of 0.123: tables of the same columns look alike, whatever was measured.
constexpr std::size_t kMinWidth = 5;

std::string padded(std::string_view text, std::size_t width, bool left) {
    const std::string space(width - std::min(width, width_of(text)), ' ');
    return left ? std::string(text).append(space) : space + std::string(text);
}

// `cells` side by side, each as wide as its column; the last one of a short row as it is.
std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const bool goes_on = cells.size() < widths.size() && i + 1 == cells.size();
        line += goes_on ? cells[i] : padded(cells[i], widths[i], i == 0);
        line.append(kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

// `name` in the middle of a rule, if there is room for one.
std::string ruled(const std::string& name, std::size_t width) {
    if (name.empty() || width <= width_of(name) + 2) return name;
    const std::size_t rest = width - width_of(name) - 2;
    std::string line;
    for (std::size_t i = 0; i < rest; ++i) {
        if (i == rest / 2) line += " " + name + " ";
        line += "─";
    }
    return line;
}

}  // namespace

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void Table::column(const std::string& heading, const std::string& group) {
    Column column{.heading = {}, .group = group};
    std::istringstream lines(heading);
    for (std::string line; std::getline(lines, line);) column.heading.push_back(line);
    columns_.push_back(std::move(column));
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = i == 0 ? 0 : kMinWidth;
        for (const std::string& line : columns_[i].heading) width = std::max(width, width_of(line));
        for (const auto& cells : rows_) {
            const bool goes_on = cells.size() < columns_.size() && i + 1 >= cells.size();
            if (!goes_on) width = std::max(width, width_of(cells[i]));
        }
        widths.push_back(width);
    }
    return widths;
}

// The line above the headings: each group's name over its columns.
std::string Table::group_line(const std::vector<std::size_t>& widths) const {
    std::vector<std::string> names;
    std::vector<std::size_t> spans;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::string& group = columns_[i].group;
        if (i > 0 && !group.empty() && group == columns_[i - 1].group) {
            spans.back() += kGap + widths[i];
        } else {
            names.push_back(group);
            spans.push_back(widths[i]);
        }
    }
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = ruled(names[i], spans[i]);
    return line_of(names, spans);
}

std::string Table::text(std::string_view before, std::string_view after) const {
    const std::vector<std::size_t> width = widths();
    std::string text(before);
    if (std::ranges::any_of(columns_, [](const Column& column) { return !column.group.empty(); }))
        text += group_line(width);
    std::size_t height = 0;
    for (const Column& column : columns_) height = std::max(height, column.heading.size());
    for (std::size_t left = height; left > 0; --left) {
        // All headings end on the same line.
        std::vector<std::string> line;
        for (const auto& [heading, group] : columns_)
            line.push_back(left > heading.size() ? "" : heading[heading.size() - left]);
        text += line_of(line, width);
    }
    text += after;
    for (const auto& cells : rows_) text += line_of(cells, width);
    return text;
}

}  // namespace compare
