#include "wire/report/terminal.hpp"

#include <algorithm>

#include "wire/dissect/text.hpp"

namespace wire {
namespace {

constexpr std::size_t kShown = 60;  // bytes of a value

std::string padded(std::string text, std::size_t width, bool to_the_right = false) {
    if (text.size() >= width) return text;
    const std::string spaces(width - text.size(), ' ');
    return to_the_right ? spaces + text : text + spaces;
}

}  // namespace

void TerminalReport::add(const Connection& connection) {
    const std::string kind = connection.protocol == Protocol::tcp ? "TCP" : "UDP";
    out_ << "connection " << connection.number << ": " << kind;
    if (style_.times) {
        out_ << ", client " << words_of(connection.client) << " → server "
             << words_of(connection.server);
    }
    out_ << '\n';
}

void TerminalReport::add(const Message& message) {
    ++messages_;
    if (!begin_) begin_ = message.time;
    if (style_.times) out_ << padded(seconds(message.time - *begin_), 11, true) << "  ";
    out_ << padded(std::to_string(message.connection), 2, true)
         << (message.sender == Side::client ? " → " : " ← ") << line_of(message, style_) << '\n';
    if (!fields_) return;
    show_fields(message);
    for (const Table& table : message.tables) show_table(table);
}

void TerminalReport::show_fields(const Message& message) {
    std::size_t width = 0;
    for (const Field& field : message.fields) width = std::max(width, field.name.size());
    for (const Field& field : message.fields) {
        const std::string end =
            field.size > 1 ? "-" + std::to_string(field.begin + field.size - 1) : "";
        out_ << "        " << padded(std::to_string(field.begin) + end, 9)
             << padded(shown(field.name, kShown), std::min(width, kShown) + 2)
             << shown(field.value, kShown);
        if (!field.meaning.empty()) out_ << "  " << shown(field.meaning);
        if (!field.source.empty()) out_ << "  [" << field.source << "]";
        out_ << '\n';
    }
}

void TerminalReport::show_table(const Table& table) {
    out_ << "        " << table.caption << '\n';
    for (const auto& row : table.rows) {
        out_ << "          ";
        for (const std::string& cell : row) out_ << shown(cell) << "  ";
        out_ << '\n';
    }
}

}  // namespace wire
