#include "wire/report/svg.hpp"

#include <algorithm>
#include <cmath>

#include "common/markup.hpp"
#include "common/utf8.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

constexpr double kWidth = 800;
constexpr double kTimes = 90;   // of the column of times
constexpr double kMargin = 80;  // from the outermost lines to the edges
constexpr double kTop = 70;     // of the first message
constexpr double kRow = 40;
constexpr double kLeastLabel = 120;  // is always shown, although its arrow may be shorter
constexpr double kLetter = 7.3;      // about the width of a letter
// An answer that takes longer has waited for something.
constexpr std::chrono::milliseconds kLong{50};
// A picture shows at most so many bytes of a message.
constexpr std::size_t kMaxText = 60;

// The colours of one scheme; the other one follows in the reader's.
constexpr const char* kLook = R"(<style>
text { font: 14px system-ui, 'DejaVu Sans', Arial, sans-serif; fill: #1b1f24 }
.back { fill: #ffffff } .lane { stroke: #b8c0ca } .head { fill: #eef2f7; stroke: #b8c0ca }
.name { font-weight: 600 } .small { font-size: 12px; fill: #57606a }
.arrow { stroke: #0a58ca; fill: none } .point { fill: #0a58ca }
.reply .arrow { stroke: #0b7285 } .reply .point { fill: #0b7285 }
.again .arrow { stroke: #9a5b00; stroke-dasharray: 7 4 } .again .point { fill: #9a5b00 }
.lost .arrow { stroke: #c5221f; stroke-dasharray: 3 4 } .lost .point, .bad .point { fill: #c5221f }
.bad .arrow { stroke: #c5221f }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .back { fill: #0d1117 } .lane { stroke: #4a5462 }
.head { fill: #1c2430; stroke: #4a5462 } .small { fill: #9aa5b1 }
.arrow { stroke: #79b8ff } .point { fill: #79b8ff }
.reply .arrow { stroke: #56d4c4 } .reply .point { fill: #56d4c4 }
.again .arrow { stroke: #f0b35a } .again .point { fill: #f0b35a }
.lost .arrow, .bad .arrow { stroke: #ff7b72 } .lost .point, .bad .point { fill: #ff7b72 }
}
</style>
)";

// About how many small letters the ASCII character is wide.
double letters_of(char c) {
    if (c == '%') return 1.8;
    if (c >= 'A' && c <= 'Z') return 1.4;
    return c >= '0' && c <= '9' ? 1.2 : 1;
}

// About how wide `text` is. Emoji and Chinese take two letters' room.
double width_of(std::string_view text) {
    double width = 0;
    while (!text.empty()) {
        const std::size_t size = std::max<std::size_t>(1, lab::utf8_character(text));
        const bool two = size == 4 || (size == 3 && text[0] >= '\xE3');
        width += two ? 2 : letters_of(text[0]);
        text.remove_prefix(size);
    }
    return width * kLetter;
}

// `text`, cut so that it is at most so wide.
std::string fitted(std::string text, double width) {
    if (width_of(text) <= width) return text;
    while (!text.empty() && width_of(text) > width - 2 * kLetter) {
        std::size_t end = text.size() - 1;
        while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
        text.resize(end);
    }
    return text + "…";
}

std::string text_at(double x, double y, const std::string& text, const char* anchor = "start",
                    const char* classes = "") {
    return format(R"(<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">)", x, y, anchor,
                  classes) +
           lab::escaped(text) + "</text>\n";
}

std::string class_of(const Message& message) {
    if (message.mark != Mark::none) return word_of(message.mark);
    return message.sender == Side::client ? "ask" : "reply";
}

class Ladder {
 public:
    Ladder(const Recording& recording, const Style& style)
        : lanes_(recording, style), style_(style), left_(style.times ? kTimes : 0) {}

    std::string head(double height) {
        std::string picture;
        for (std::size_t i = 0; i < lanes_.all().size(); ++i) {
            const Lane& lane = lanes_.all()[i];
            const double width = std::min(150.0, step() - 8);
            picture +=
                format("<line class=\"lane\" x1=\"%.1f\" y1=\"46\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                       x(i), x(i), height - 10);
            picture += format(
                "<rect class=\"head\" x=\"%.1f\" y=\"8\" width=\"%.1f\" height=\"%d\" rx=\"6\"/>\n",
                x(i) - width / 2, width, lane.detail.empty() ? 30 : 40);
            picture += text_at(x(i), lane.detail.empty() ? 28 : 26, lane.title, "middle", "name");
            if (!lane.detail.empty())
                picture += text_at(x(i), 42, fitted(lane.detail, width + 30), "middle", "small");
        }
        return picture;
    }

    std::string arrow(const Message& message, double y) {
        if (!begin_) begin_ = message.time;
        const auto [from, to] = lanes_.of(message);
        const double end = x(to);
        const double start = from == to ? end - 40 : x(from);
        const double back = end > start ? -1 : 1;
        std::string picture = "<g class=\"" + class_of(message) + "\">\n";
        if (style_.times)
            picture += text_at(4, y + 4, seconds(message.time - *begin_), "start", "small");
        const std::string label = label_of(message, std::abs(end - start) - 16);
        const double half = width_of(label) / 2;
        const double middle = std::clamp((start + end) / 2, left_ + half + 2,
                                         std::max(left_ + half + 2, kWidth - half - 2));
        picture += text_at(middle, y - 7, label, "middle");
        picture += format(
            "<line class=\"arrow\" stroke-width=\"2\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
            "y2=\"%.1f\"/>\n",
            start, y, end + back * 8, y);
        picture +=
            message.mark == Mark::unanswered ? cross(end + back * 60, y) : point(end, y, back);
        return picture + "</g>\n";
    }

 private:
    // Both are drawn as text is not: they have one size in every font.
    static std::string point(double x, double y, double back) {
        return format("<path class=\"point\" d=\"M%.1f %.1f l%.1f -5 v10 z\"/>\n", x, y, back * 11);
    }
    static std::string cross(double x, double y) {
        return format(
            "<path class=\"arrow\" stroke-width=\"3\" stroke-dasharray=\"none\" "
            "style=\"stroke-dasharray:none\" d=\"M%.1f %.1f l14 14 m0 -14 l-14 14\"/>\n",
            x - 7, y - 7);
    }
    [[nodiscard]] double step() const {
        const std::size_t gaps = std::max<std::size_t>(1, lanes_.all().size() - 1);
        return (kWidth - left_ - 2 * kMargin) / static_cast<double>(gaps);
    }
    [[nodiscard]] double x(std::size_t lane) const {
        return left_ + kMargin + step() * static_cast<double>(lane);
    }
    // Of a long label the message itself is cut, and not the facts behind it.
    [[nodiscard]] std::string label_of(const Message& message, double width) const {
        std::string label = shown(message.title, 90);
        const std::string text = in_quotes(message.text, kMaxText);
        if (!text.empty()) label += "  " + text;
        std::string facts;
        if (message.pieces > 1) facts += ", in " + std::to_string(message.pieces) + " segments";
        if (style_.times && message.after && *message.after > kLong)
            facts += ", after " + rounded(*message.after);
        const bool plain = message.mark == Mark::none;
        if (!plain && !message.note.empty()) facts += "  (" + shown(message.note, 60) + ")";
        return fitted(label, std::max(width - width_of(facts), kLeastLabel)) + facts;
    }

    const Lanes lanes_;
    const Style style_;
    const double left_;
    std::optional<Time> begin_;
};

}  // namespace

std::string svg(const Recording& recording, const std::string& title, const Style& style) {
    const std::size_t count = std::min(recording.messages().size(), kMaxPictureMessages);
    const std::uint64_t rest = recording.left_out() + recording.messages().size() - count;
    const double height =
        kTop + kRow * static_cast<double>(count) + (rest > 0 || count == 0 ? kRow : 0);
    std::string picture = format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" "
        "height=\"%g\" role=\"img\" aria-labelledby=\"title\">\n",
        kWidth, height, kWidth, height);
    picture += "<title id=\"title\">" + lab::escaped(shown(title)) + "</title>\n" + kLook;
    picture += format("<rect class=\"back\" width=\"%g\" height=\"%g\"/>\n", kWidth, height);
    Ladder ladder(recording, style);
    picture += ladder.head(height);
    double y = kTop + kRow / 2;
    for (std::size_t i = 0; i < count; ++i, y += kRow)
        picture += ladder.arrow(recording.messages()[i], y);
    if (rest > 0)
        picture += text_at(kWidth / 2, y, "and " + count_of(rest, "message") + " more", "middle");
    if (count == 0) picture += text_at(kWidth / 2, y, "no messages", "middle");
    return picture + "</svg>\n";
}

}  // namespace wire
