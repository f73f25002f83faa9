#include "wire/report/article.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "04_handshake/frame_fields.hpp"
#include "common/markup.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

constexpr std::size_t kMaxBytes = 512;  // of a message
constexpr std::size_t kRow = 8;         // bytes of a row: so it fits on a phone
constexpr std::size_t kColours = 8;
constexpr std::size_t kMaxValue = 300;

std::string in_span(const std::string& classes, const std::string& content) {
    return "<span class=\"" + classes + "\">" + content + "</span>";
}

/// The colour of each field: fields of the same bytes, as the bits of one, have the same.
class Colours {
 public:
    explicit Colours(const Message& message) {
        for (const Field& field : message.fields) {
            const std::size_t colour =
                numbers_.emplace(std::pair(field.begin, field.size), numbers_.size()).first->second;
            for (std::size_t i = field.begin; i < field.begin + field.size; ++i) {
                if (i >= colours_.size()) colours_.resize(i + 1, kNone);
                colours_[i] = colour;
            }
        }
    }
    // The class of the byte at `at`, or of a field.
    [[nodiscard]] std::string of(std::size_t at) const {
        const std::size_t colour = at < colours_.size() ? colours_[at] : kNone;
        return colour == kNone ? "" : name(colour);
    }
    [[nodiscard]] std::string of(const Field& field) const {
        return name(numbers_.at({field.begin, field.size}));
    }

 private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    static std::string name(std::size_t colour) {
        return "c" + std::to_string(colour % kColours) + " n" + std::to_string(colour);
    }
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> numbers_;
    std::vector<std::size_t> colours_;
};

// `cell` of each byte from `begin` to `end`, with `separator` between, in one span for all that are
// of one field.
template <class Cell>
std::string coloured(const Colours& colours, std::size_t begin, std::size_t end,
                     const std::string& separator, const Cell& cell) {
    std::string text;
    for (std::size_t at = begin; at < end;) {
        const std::string name = colours.of(at);
        std::string cells;
        const std::size_t first = at;
        for (; at < end && colours.of(at) == name; ++at) {
            if (at > first) cells += separator;
            cells += cell(at);
        }
        if (first > begin) text += separator;
        text += name.empty() ? cells : in_span(name, cells);
    }
    return text;
}

// Text in a row of bytes: what is not ASCII stands as a dot.
char letter(char byte) {
    return byte >= ' ' && byte < 0x7F ? byte : '.';
}

std::string dump(const Message& message, const Colours& colours) {
    const std::string_view bytes = std::string_view(message.bytes).substr(0, kMaxBytes);
    std::string text = "<div class=\"dump\" role=\"group\" aria-label=\"Bytes\">\n";
    for (std::size_t at = 0; at < bytes.size(); at += kRow) {
        const std::size_t end = std::min(at + kRow, bytes.size());
        const std::string hex = coloured(colours, at, end, " ", [&](std::size_t i) {
            return websocket::hexadecimal(bytes.substr(i, 1));
        });
        const std::string letters = coloured(colours, at, end, "", [&](std::size_t i) {
            return lab::escaped(std::string(1, letter(bytes[i])));
        });
        text += "<p>" + in_span("at", format("%04zu", at)) + " " + in_span("hex", hex) +
                R"( <span class="txt" aria-hidden="true">)" + letters + "</span></p>\n";
    }
    text += "</div>\n";
    if (message.size > bytes.size()) {
        text += "<p class=\"more\">and " + count_of(message.size - bytes.size(), "byte") +
                " more</p>\n";
    }
    return text;
}

std::string cell(const char* label, const std::string& content, const std::string& classes = "") {
    return "<td data-label=\"" + std::string(label) + "\"" +
           (classes.empty() ? "" : " class=\"" + classes + "\"") + ">" + content + "</td>";
}

std::string field_table(const Message& message, const Colours& colours) {
    std::string text =
        "<table class=\"fields\"><thead><tr><th scope=\"col\">bytes</th><th "
        "scope=\"col\">field</th>"
        "<th scope=\"col\">value</th><th scope=\"col\">meaning</th><th scope=\"col\">where it is "
        "written</th></tr></thead><tbody>\n";
    for (const Field& field : message.fields) {
        const std::string last =
            field.size > 1 ? "–" + std::to_string(field.begin + field.size - 1) : "";
        text += "<tr>" + cell("bytes", std::to_string(field.begin) + last, colours.of(field)) +
                "<th scope=\"row\">" + foreign(shown(field.name, kMaxValue)) + "</th>" +
                cell("value", "<code>" + foreign(shown(field.value, kMaxValue)) + "</code>") +
                cell("meaning", foreign(shown(field.meaning, kMaxValue))) +
                cell("where", lab::escaped(field.source), "source") + "</tr>\n";
    }
    return text + "</tbody></table>\n";
}

std::string worked_out(const Table& table) {
    std::string text =
        "<table class=\"steps\"><caption>" + lab::escaped(table.caption) + "</caption><thead><tr>";
    for (const std::string& column : table.columns)
        text += "<th scope=\"col\">" + lab::escaped(column) + "</th>";
    text += "</tr></thead><tbody>\n";
    for (const auto& row : table.rows) {
        text += "<tr>";
        for (const std::string& step : row)
            text += "<td><code>" + foreign(shown(step, kMaxValue)) + "</code></td>";
        text += "</tr>\n";
    }
    return text + "</tbody></table>\n";
}

}  // namespace

std::string foreign(const std::string& text) {
    return "<bdi>" + lab::escaped(text) + "</bdi>";
}

std::string classes_of(const Message& message) {
    const std::string side = message.sender == Side::client ? "ask" : "reply";
    return message.mark == Mark::none ? side : side + " " + word_of(message.mark);
}

std::string article(const Message& message, std::size_t number, const Lanes& lanes,
                    const std::string& time, const Style& style) {
    const Colours colours(message);
    std::string facts = lab::escaped(lanes.words_of(message)) + ", connection " +
                        std::to_string(message.connection) + ", " + count_of(message.size, "byte");
    if (!time.empty()) facts = "at " + time + " s, " + facts;
    if (message.pieces > 1) facts += " in " + std::to_string(message.pieces) + " segments";
    if (style.times && message.after) facts += ", after " + rounded(*message.after);
    if (!message.note.empty()) facts += ": <em>" + foreign(shown(message.note)) + "</em>";
    std::string text = format(R"(<article id="m%zu" class=")", number) + classes_of(message) +
                       format("\" aria-labelledby=\"h%zu\">\n<h3 id=\"h%zu\">", number, number) +
                       lab::escaped(message.kind) + ": " + foreign(shown(message.title)) +
                       "</h3>\n<p class=\"facts\">" + facts + "</p>\n";
    if (!message.text.empty())
        text += "<p class=\"said\">" + foreign(in_quotes(message.text, kMaxValue)) + "</p>\n";
    text += dump(message, colours);
    if (!message.fields.empty()) text += field_table(message, colours);
    for (const Table& table : message.tables) text += worked_out(table);
    return text + "<p class=\"up\"><a href=\"#ladder\">to the ladder</a></p>\n</article>\n";
}

}  // namespace wire
