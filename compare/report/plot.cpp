#include "compare/report/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "compare/report/figures.hpp"
#include "compare/report/svg.hpp"

namespace compare {
namespace {

// Eight colours that can be told apart, by people who see fewer colours too: Okabe and Ito, Color
// Universal Design (2008), but black in place of yellow, and brown.
constexpr std::array<const char*, 8> kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                              "#000000", "#56b4e9", "#e69f00", "#8c510a"};
constexpr double kWidth = 1000;
constexpr double kMargin = 40;
constexpr double kLeft = 190;  // of both plots: the titles of transports are left of it
constexpr double kRight = 950;
constexpr double kDelaysTop = 120;
constexpr double kDelaysBottom = 440;
constexpr double kBytesTop = 660;
constexpr double kBarStep = 34;
constexpr double kBarHeight = 22;
constexpr TextStyle kHeading{.size = 18, .bold = true};
// More points than this cannot be seen.
constexpr std::size_t kMaxPoints = 250;

using Rows = std::vector<const Row*>;

/// A logarithmic axis of milliseconds, over whole decades.
struct Axis {
    int first, last;  // powers of ten

    explicit Axis(const Rows& rows) {
        double least = rows.front()->delays.values().front();
        double most = least;
        for (const Row* const row : rows) {
            least = std::min(least, row->delays.values().front());
            most = std::max(most, row->delays.most());
        }
        // A figure below a microsecond says nothing.
        first = static_cast<int>(std::floor(std::log10(std::max(least, 0.001))));
        last = std::max(first + 1, static_cast<int>(std::ceil(std::log10(most))));
    }
    [[nodiscard]] double x(double milliseconds) const {
        const double decades = std::log10(std::max(milliseconds, std::pow(10, first))) - first;
        return kLeft + (kRight - kLeft) * decades / (last - first);
    }
};

double y(double part) {
    return kDelaysBottom - (kDelaysBottom - kDelaysTop) * part;
}

void draw_axes(Svg& svg, const Axis& axis) {
    for (const int percent : {0, 25, 50, 75, 100}) {
        const double height = y(percent / 100.0);
        svg.line({{kLeft, height}, {kRight, height}}, "#dddddd", 1);
        svg.text(kLeft - 8, height + 5, std::to_string(percent) + " %", {.anchor = "end"});
    }
    const auto draw_upright = [&](double value, const char* colour) {
        svg.line({{axis.x(value), kDelaysTop}, {axis.x(value), kDelaysBottom}}, colour, 1);
    };
    for (int decade = axis.first; decade <= axis.last; ++decade) {
        const double value = std::pow(10, decade);
        draw_upright(value, "#bbbbbb");
        svg.text(axis.x(value), kDelaysBottom + 20,
                 value >= 1000 ? format("%g s", value / 1000) : format("%g ms", value),
                 {.anchor = "middle"});
        for (int i = 2; i < 10 && decade < axis.last; ++i) draw_upright(i * value, "#eeeeee");
    }
    svg.text(
        (kLeft + kRight) / 2, kDelaysBottom + 44,
        "delay from when it was due to be said (from one dark line to the next, ten times as long)",
        {.anchor = "middle"});
}

// A curve from nobody up to everybody, with the first and the last value in any case.
std::vector<Point> curve(const Axis& axis, const std::vector<double>& values) {
    std::vector<Point> points{{axis.x(values.front()), y(0)}};
    const auto add = [&](std::size_t i) {
        const double part = static_cast<double>(i + 1) / static_cast<double>(values.size());
        points.push_back({axis.x(values[i]), y(part)});
    };
    const std::size_t step = std::max<std::size_t>(1, values.size() / kMaxPoints);
    for (std::size_t i = 0; i + 1 < values.size(); i += step) add(i);
    add(values.size() - 1);
    return points;
}

void draw_delays(Svg& svg, const Rows& rows) {
    svg.text(kMargin, kDelaysTop - 34, "Delay of a message: how many are heard by then", kHeading);
    const Axis axis(rows);
    draw_axes(svg, axis);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const char* const colour = kColours[i % kColours.size()];
        svg.line(curve(axis, rows[i]->delays.values()), colour, 2.5);
        const std::size_t line = i / 4;
        const double left = kMargin + static_cast<double>(i % 4) * 240;
        const double top = kDelaysBottom + 72 + static_cast<double>(line) * 24;
        svg.line({{left, top - 5}, {left + 24, top - 5}}, colour, 4);
        svg.text(left + 32, top, rows[i]->transport.title);
    }
}

/// A part of a bar: bytes of one kind.
struct Part {
    const char* title;
    const char* colour;
    double bytes;  // per delivery, both ways
};

std::vector<Part> parts_of(const Row& row) {
    std::vector<Part> parts{{"what people say", "#0072b2", 0},
                            {"framing", "#e69f00", 0},
                            {"heads of HTTP", "#d55e00", 0}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto count = kByteKinds[i].count;
        parts[i].bytes = row.per_delivery(count(row.counts.sent) + count(row.counts.received));
    }
    const double network = estimated_network_bytes(row.transport, row.counts);
    parts.push_back({"TCP and IP (estimated)", "#bbbbbb", row.per_delivery(network)});
    return parts;
}

double sum_of(const std::vector<Part>& parts) {
    double sum = 0;
    for (const Part& part : parts) sum += part.bytes;
    return sum;
}

void draw_bytes(Svg& svg, const Rows& rows) {
    svg.text(kMargin, kBytesTop - 58, "What a delivery weighs: bytes both ways, by kind", kHeading);
    double left = kMargin;
    for (const Part& part : parts_of(*rows.front())) {
        svg.box(left, kBytesTop - 38, 16, 16, part.colour);
        svg.text(left + 24, kBytesTop - 25, part.title);
        left += 200;
    }
    double most = 1;
    for (const Row* const row : rows) most = std::max(most, sum_of(parts_of(*row)));
    // The sum stands behind the longest bar too.
    const double scale = (kRight - kLeft - 70) / most;
    double top = kBytesTop;
    for (const Row* const row : rows) {
        svg.text(kLeft - 8, top + 16, row->transport.title, {.anchor = "end"});
        const std::vector<Part> parts = parts_of(*row);
        left = kLeft;
        for (const Part& part : parts) {
            svg.box(left, top, part.bytes * scale, kBarHeight, part.colour);
            left += part.bytes * scale;
        }
        svg.text(left + 8, top + 16, three_figures(sum_of(parts)));
        top += kBarStep;
    }
}

}  // namespace

std::string plot(const Parameters& parameters, const std::vector<Row>& rows) {
    Rows good;
    for (const Row& row : rows)
        if (row.fault.empty() && !row.delays.empty()) good.push_back(&row);
    Svg svg(kWidth, kBytesTop + static_cast<double>(good.size()) * kBarStep + 30,
            "One chat over each transport: delays, and bytes of a delivery");
    svg.text(kMargin, 34, "One chat over each transport: " + description(parameters), {.size = 15});
    // On a line of its own: both together would be wider than the picture.
    if (parameters.delay.count() > 0) {
        const std::string delay = std::to_string(parameters.delay.count());
        svg.text(kMargin, 56, "The path takes " + delay + " ms each way.", {.size = 15});
    }
    if (good.empty()) {
        svg.text(kMargin, 80, "There are no figures: something went wrong with every transport.");
        return svg.finish();
    }
    draw_delays(svg, good);
    draw_bytes(svg, good);
    return svg.finish();
}

}  // namespace compare
