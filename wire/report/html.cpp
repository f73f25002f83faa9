#include "wire/report/html.hpp"

#include <algorithm>

#include "common/markup.hpp"
#include "wire/dissect/text.hpp"
#include "wire/page_files.hpp"
#include "wire/report/article.hpp"

namespace wire {
namespace {

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
    return "<li class=\"" + classes_of(message) + "\">" +
           (time.empty() ? "" : "<span class=\"time\">" + time + "</span> ") +
           R"(<span class="label" style=")" + place_of_label(left, left + width) + "\">" + label +
           "</span>" +
           format(
               "<span class=\"arrow %s\" aria-hidden=\"true\" style=\"left:%.2f%%;width:%.2f%%\">"
               "</span></li>\n",
               direction, left, std::max(width, 3.0));
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
