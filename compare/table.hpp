// Tables in a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace compare {

/// How many columns of a terminal `text`, UTF-8 without wide or combining characters, takes. Any
/// thread may call it.
std::size_t width_of(std::string_view text);

/// Rows of cells in columns: the first stands left, the others right. Columns may have a heading in
/// common with their neighbours. A plain value.
class Table {
 public:
    /// One column more, whose heading may have several lines (LF). Columns of the same `group`
    /// stand side by side under it.
    void column(const std::string& heading, const std::string& group = "");
    /// One row more: as many cells as there are columns, or fewer: the last one then goes on to the
    /// end.
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    /// The table, each line with its end, and `bold` and `plain` around the headings.
    [[nodiscard]] std::string text(std::string_view bold = "", std::string_view plain = "") const;

 private:
    struct Column {
        std::vector<std::string> heading;
        std::string group;
    };
    [[nodiscard]] std::vector<std::size_t> widths() const;
    [[nodiscard]] std::string group_line(const std::vector<std::size_t>& widths) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// `value` with three figures, and no more behind the point than are worth it: 0.042, 1.23, 45.6,
/// 789, 12 345. Any thread may call it.
std::string three_figures(double value);

/// `value` as three_figures() writes large ones, with all its figures: 789, 12 345. Any thread may
/// call it.
std::string whole_number(std::uint64_t value);

}  // namespace compare
