// Tables in a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace compare {

/// The columns of a terminal that `text` takes: UTF-8 without wide or combining characters.
std::size_t width_of(std::string_view text);

/// Rows of cells in columns: the first column is aligned left, the others right.
class Table {
 public:
    /// Adds a column, whose heading may have several lines (LF). Neighbours of the same `group`
    /// have its name above them.
    void column(const std::string& heading, const std::string& group = "");
    /// Adds a row: a cell for each column, or fewer; the last cell then goes on to the right.
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    /// The lines of the table, each with its end, and `before` and `after` around the headings.
    [[nodiscard]] std::string text(std::string_view before = "", std::string_view after = "") const;

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

}  // namespace compare
