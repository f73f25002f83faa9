#include "wire/report/html.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "04_handshake/frame_fields.hpp"
#include "common/markup.hpp"
#include "common/utf8.hpp"
#include "wire/dissect/text.hpp"
#include "wire/page_files.hpp"

namespace wire {
namespace {

constexpr std::size_t kMaxBytes = 512;  // of a message
constexpr std::size_t kRow = 8;         // bytes of a row: so it fits on a phone
constexpr std::size_t kColours = 8;
constexpr std::size_t kMaxValue = 300;

template <class... Values>
std::string format(const char* pattern, Values... values) {
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), pattern, values...);
    return text.data();
}

// A stranger's text: no part of the sentence around it, in whatever direction it is written.
std::string foreign(const std::string& text) {
    return "<bdi>" + lab::escaped(text) + "</bdi>";
}

std::string in_span(const std::string& classes, const std::string& content) {
    return "<span class=\"" + classes + "\">" + content + "</span>";
}

std::string class_of(const Message& message) {
    std::string side = message.sender == Side::client ? "ask" : "reply";
    switch (message.mark) {
        case Mark::again:
            return side + " again";
        case Mark::unanswered:
        case Mark::gap:
            return side + " lost";
        case Mark::bad:
            return side + " bad";
        case Mark::none:
            break;
    }
    return side;
}

// --- the ladder ---------------------------------------------------------------------------------

/// Where the upright lines are, in hundredths of the ladder's width.
class Places {
 public:
    explicit Places(std::size_t count) : count_(count) {}
    [[nodiscard]] double at(std::size_t lane) const {
        return count_ < 2 ? kEdge
                          : kEdge + (100 - 2 * kEdge) * static_cast<double>(lane) /
                                        static_cast<double>(count_ - 1);
    }

 private:
    static constexpr double kEdge = 11;
    std::size_t count_;
};

// A label begins where its arrow begins; in the right half it ends where its arrow ends.
std::string place_of_label(double left, double right) {
    return left <= 45 ? format("margin-left:%.2f%%", left)
                      : format("margin-left:auto;margin-right:%.2f%%", 100 - right);
}

std::string upright_lines(const Places& places, std::size_t count) {
    std::string images, positions;
    for (std::size_t i = 0; i < count; ++i) {
        images += (i > 0 ? "," : "") + std::string("linear-gradient(var(--lane),var(--lane))");
        positions += (i > 0 ? "," : "") + format("%.2f%% 0", places.at(i));
    }
    return "background-image:" + images + ";background-position:" + positions;
}

std::string lane_heads(const Lanes& lanes, const Places& places) {
    const double widest =
        std::min(2 * places.at(0), lanes.all().size() < 2 ? 100 : places.at(1) - places.at(0) - 1);
    std::string text = "<ul class=\"heads\" aria-label=\"Who speaks\">\n";
    for (std::size_t i = 0; i < lanes.all().size(); ++i) {
        const Lane& lane = lanes.all()[i];
        text += format("<li style=\"left:%.2f%%;max-width:%.2f%%\"><b>", places.at(i), widest) +
                lab::escaped(lane.title) + "</b>";
        if (!lane.detail.empty()) {
            // A long address may be broken before its port.
            std::string detail = lab::escaped(lane.detail);
            const std::size_t colon = detail.rfind(':');
            if (colon != std::string::npos) detail.insert(colon, "<wbr>");
            text += " <span>" + detail + "</span>";
        }
        text += "</li>\n";
    }
    return text + "</ul>\n";
}

std::string ladder_row(const Message& message, std::size_t number, const Lanes& lanes,
                       const Places& places, const std::string& time) {
    const auto [from, to] = lanes.of(message);
    const double left = std::min(places.at(from), places.at(to));
    const double width = std::max(places.at(from), places.at(to)) - left;
    std::string label = "<span class=\"aloud\">" + lab::escaped(lanes.words_of(message)) +
                        ": </span>" + foreign(shown(message.title));
    if (!message.text.empty()) label += " <q>" + foreign(in_quotes(message.text)) + "</q>";
    if (message.pieces > 1) label += " in " + std::to_string(message.pieces) + " segments";
    if (message.mark != Mark::none && !message.note.empty())
        label += " <em>" + foreign(shown(message.note)) + "</em>";
    if (message.size > 0) label = format("<a href=\"#m%zu\">", number) + label + "</a>";
    const char* const direction = to > from ? "right" : "left";
    return "<li class=\"" + class_of(message) + "\">" +
           (time.empty() ? "" : "<span class=\"time\">" + time + "</span> ") +
           R"(<span class="label" style=")" + place_of_label(left, left + width) + "\">" + label +
           "</span>" +
           format(
               "<span class=\"arrow %s\" aria-hidden=\"true\" style=\"left:%.2f%%;width:%.2f%%\">"
               "</span></li>\n",
               direction, left, std::max(width, 3.0));
}

// --- a message ----------------------------------------------------------------------------------

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

std::string article(const Message& message, std::size_t number, const Lanes& lanes,
                    const std::string& time, const Style& style) {
    const Colours colours(message);
    std::string facts = lab::escaped(lanes.words_of(message)) + ", connection " +
                        std::to_string(message.connection) + ", " + count_of(message.size, "byte");
    if (!time.empty()) facts = "at " + time + " s, " + facts;
    if (message.pieces > 1) facts += " in " + std::to_string(message.pieces) + " segments";
    if (style.times && message.after) facts += ", after " + rounded(*message.after);
    if (!message.note.empty()) facts += ": <em>" + foreign(shown(message.note)) + "</em>";
    std::string text = format(R"(<article id="m%zu" class=")", number) + class_of(message) +
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

}  // namespace

std::string html(const Recording& recording, const std::string& file, const Style& style) {
    const Lanes lanes(recording, style);
    const Places places(lanes.all().size());
    const std::string name = lab::escaped(shown(file.substr(file.rfind('/') + 1)));
    const auto& messages = recording.messages();
    const auto time_of = [&](const Message& message) {
        return style.times ? seconds(message.time - messages[0].time) : "";
    };
    std::string rows, articles;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const std::string time = time_of(messages[i]);
        rows += ladder_row(messages[i], i + 1, lanes, places, time);
        if (messages[i].size > 0) articles += article(messages[i], i + 1, lanes, time, style);
    }
    const std::string rest = recording.left_out() == 0
                                 ? ""
                                 : "<p class=\"more\">and " +
                                       count_of(recording.left_out(), "message") +
                                       " more: ./lab wire shows all</p>\n";
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
           "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>" +
           name + ": what went over the wire</title>\n<style>\n" + std::string(report_page_css) +
           "</style>\n</head>\n<body>\n<header>\n<h1>What went over the wire</h1>\n<p>" + name +
           ": " + count_of(messages.size(), "message") + " on " +
           count_of(recording.connections().size(), "connection") +
           ". A message leads to its bytes.</p>\n</header>\n<main>\n"
           "<section aria-labelledby=\"ladder\">\n<h2 id=\"ladder\">Who sent what to whom</h2>\n" +
           lane_heads(lanes, places) + R"(<ol class="ladder" style=")" +
           upright_lines(places, lanes.all().size()) + "\">\n" + rows + "</ol>\n" + rest +
           "</section>\n<section aria-labelledby=\"bytes\">\n<h2 id=\"bytes\">Byte by byte</h2>\n" +
           articles + "</section>\n</main>\n<script>\n" + std::string(report_page_js) +
           "</script>\n</body>\n</html>\n";
}

}  // namespace wire
