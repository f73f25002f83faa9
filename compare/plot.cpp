// The rows as a picture.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "compare/svg.hpp"
#include "compare/table.hpp"
#include "compare/tables.hpp"

namespace compare {
namespace {

// Eight that are told apart, also by those who see fewer colours: Okabe and Ito, Color Universal
// Design (2008), but black in place of yellow, and brown.
constexpr std::array<const char*, 8> kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                              "#000000", "#56b4e9", "#e69f00", "#8c510a"};
constexpr double kWidth = 1000;
constexpr double kLeft = 190;  // of both plots: titles of transports stand there
constexpr double kRight = 950;
constexpr double kDelaysTop = 120;
constexpr double kDelaysBottom = 440;
constexpr double kBytesTop = 660;
constexpr double kBarStep = 34;
constexpr double kBarHeight = 22;
// More points than this would not be seen.
constexpr std::size_t kMostPoints = 250;

struct Kind {
    const char* title;
    const char* colour;
};
constexpr std::array<Kind, 4> kKinds{{{"what people say", "#0072b2"},
                                      {"framing", "#e69f00"},
                                      {"heads of HTTP", "#d55e00"},
                                      {"TCP and IP (estimated)", "#bbbbbb"}}};

std::vector<const Row*> with_figures(const std::vector<Row>& rows) {
    std::vector<const Row*> good;
    for (const Row& row : rows)
        if (row.fault.empty() && !row.delays.empty()) good.push_back(&row);
    return good;
}

std::string percent(int value) {
    return std::to_string(value) + " %";
}

/// The plot of delays. A plain value.
class Delays {
 public:
    explicit Delays(const std::vector<const Row*>& rows) : rows_(rows) {
        double least = rows.front()->delays.values().front();
        double most = least;
        for (const Row* const row : rows) {
            least = std::min(least, row->delays.values().front());
            most = std::max(most, row->delays.most());
        }
        // A figure of less than a microsecond says nothing.
        first_ = static_cast<int>(std::floor(std::log10(std::max(least, 0.001))));
        last_ = std::max(first_ + 1, static_cast<int>(std::ceil(std::log10(most))));
    }

    void draw(Svg& svg) const {
        svg.text(40, kDelaysTop - 34, "Delay of a message: how many are heard by then",
                 {.size = 18, .bold = true});
        draw_axes(svg);
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const char* const colour = kColours[i % kColours.size()];
            svg.line(points(rows_[i]->delays), colour, 2.5);
            draw_legend(svg, i, colour);
        }
    }

 private:
    [[nodiscard]] double x(double milliseconds) const {
        const double decades = std::log10(std::max(milliseconds, std::pow(10, first_))) - first_;
        return kLeft + (kRight - kLeft) * decades / (last_ - first_);
    }
    static double y(double part) { return kDelaysBottom - (kDelaysBottom - kDelaysTop) * part; }
    void draw_axes(Svg& svg) const;
    void draw_legend(Svg& svg, std::size_t i, const char* colour) const;
    [[nodiscard]] std::vector<Point> points(const Sample& sample) const;

    const std::vector<const Row*> rows_;
    int first_, last_;  // decades of milliseconds
};

void Delays::draw_axes(Svg& svg) const {
    for (const int value : {0, 25, 50, 75, 100}) {
        svg.line({{kLeft, y(value / 100.0)}, {kRight, y(value / 100.0)}}, "#dddddd", 1);
        svg.text(kLeft - 8, y(value / 100.0) + 5, percent(value), {.anchor = "end"});
    }
    for (int decade = first_; decade <= last_; ++decade) {
        const double value = std::pow(10, decade);
        svg.line({{x(value), kDelaysTop}, {x(value), kDelaysBottom}}, "#bbbbbb", 1);
        const bool seconds = value >= 1000;
        svg.text(x(value), kDelaysBottom + 20,
                 plain_number(seconds ? value / 1000 : value) + (seconds ? " s" : " ms"),
                 {.anchor = "middle"});
        for (int i = 2; i < 10 && decade < last_; ++i)
            svg.line({{x(i * value), kDelaysTop}, {x(i * value), kDelaysBottom}}, "#eeeeee", 1);
    }
    svg.text(
        (kLeft + kRight) / 2, kDelaysBottom + 44,
        "delay from when it was due to be said (from one dark line to the next, ten times as long)",
        {.anchor = "middle"});
}

void Delays::draw_legend(Svg& svg, std::size_t i, const char* colour) const {
    const std::size_t row = i / 4;
    const double left = 40 + static_cast<double>(i % 4) * 240;
    const double top = kDelaysBottom + 72 + static_cast<double>(row) * 24;
    svg.line({{left, top - 5}, {left + 24, top - 5}}, colour, 4);
    svg.text(left + 32, top, rows_[i]->transport.title);
}

// Up the steps from nobody to everybody, with the first and the last value in any case.
std::vector<Point> Delays::points(const Sample& sample) const {
    const auto& values = sample.values();
    const std::size_t step = std::max<std::size_t>(1, values.size() / kMostPoints);
    std::vector<Point> points{{x(values.front()), y(0)}};
    const auto add = [&](std::size_t i) {
        const double part = static_cast<double>(i + 1) / static_cast<double>(values.size());
        points.push_back({x(values[i]), y(part)});
    };
    for (std::size_t i = 0; i + 1 < values.size(); i += step) add(i);
    add(values.size() - 1);
    return points;
}

// --- bytes --------------------------------------------------------------------------------------

std::array<double, kKinds.size()> bytes_of(const Row& row) {
    const auto each = [&](std::uint64_t sent, std::uint64_t received) {
        return static_cast<double>(sent + received) / row.deliveries();
    };
    const Flow& sent = row.counts.sent;
    const Flow& received = row.counts.received;
    return {each(sent.text, received.text), each(sent.framing, received.framing),
            each(sent.heads, received.heads),
            estimated_network_bytes(row.transport, row.counts) / row.deliveries()};
}

void draw_bytes(Svg& svg, const std::vector<const Row*>& rows) {
    svg.text(40, kBytesTop - 58, "What a delivery weighs: bytes both ways, by kind",
             {.size = 18, .bold = true});
    double most = 1;
    for (const Row* const row : rows) {
        const auto bytes = bytes_of(*row);
        most = std::max(most, bytes[0] + bytes[1] + bytes[2] + bytes[3]);
    }
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        const double left = 40 + static_cast<double>(i) * 200;
        svg.box(left, kBytesTop - 38, 16, 16, kKinds[i].colour);
        svg.text(left + 24, kBytesTop - 25, kKinds[i].title);
    }
    // Room for the sum behind the longest bar.
    const double scale = (kRight - kLeft - 70) / most;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double top = kBytesTop + static_cast<double>(i) * kBarStep;
        svg.text(kLeft - 8, top + 16, rows[i]->transport.title, {.anchor = "end"});
        double left = kLeft;
        double sum = 0;
        const auto bytes = bytes_of(*rows[i]);
        for (std::size_t k = 0; k < bytes.size(); ++k) {
            svg.box(left, top, bytes[k] * scale, kBarHeight, kKinds[k].colour);
            left += bytes[k] * scale;
            sum += bytes[k];
        }
        svg.text(left + 8, top + 16, three_figures(sum));
    }
}

}  // namespace

std::string plot(const Parameters& parameters, const std::vector<Row>& rows) {
    const auto good = with_figures(rows);
    const double height = kBytesTop + static_cast<double>(good.size()) * kBarStep + 30;
    Svg svg(kWidth, height, "One chat over each transport: delays, and bytes of a delivery");
    std::string title = "One chat over each transport: a writer says " +
                        std::to_string(parameters.messages) + " messages of " +
                        std::to_string(parameters.size) + " bytes, " +
                        plain_number(parameters.rate) + " a second, to " +
                        std::to_string(parameters.clients) + " readers";
    svg.text(40, 34, title, {.size = 15});
    // On a line of its own: both together would be wider than the picture.
    if (parameters.delay) {
        svg.text(40, 56,
                 "The path takes " + std::to_string(parameters.delay->count()) + " ms each way.",
                 {.size = 15});
    }
    if (good.empty()) {
        svg.text(40, 80, "There are no figures: something went wrong with every transport.");
        return svg.finish();
    }
    Delays(good).draw(svg);
    draw_bytes(svg, good);
    return svg.finish();
}

}  // namespace compare
