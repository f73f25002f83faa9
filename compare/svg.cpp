#include "compare/svg.hpp"

#include <array>
#include <cstdio>

namespace compare {
namespace {

// Where a text stands in markup.
std::string escaped(std::string_view text) {
    std::string markup;
    for (const char c : text) {
        if (c == '&') {
            markup += "&amp;";
        } else if (c == '<') {
            markup += "&lt;";
        } else if (c == '>') {
            markup += "&gt;";
        } else {
            markup += c;
        }
    }
    return markup;
}

std::string attribute(std::string_view name, std::string_view value) {
    return std::string(" ").append(name).append("=\"").append(value).append("\"");
}

std::string attribute(std::string_view name, double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return attribute(name, std::string_view(text.data()));
}

}  // namespace

std::string plain_number(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%g", value);
    return text.data();
}

Svg::Svg(double width, double height, std::string_view title) {
    picture_ = "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", width) +
               attribute("height", height) +
               attribute("viewBox", "0 0 " + plain_number(width) + " " + plain_number(height)) +
               " role=\"img\" font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\">\n";
    picture_ += "<title>" + escaped(title) + "</title>\n";
    box(0, 0, width, height, "white");
}

void Svg::line(const std::vector<Point>& points, std::string_view colour, double width) {
    std::string places;
    for (const Point& point : points) {
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "%s%.1f,%.1f", places.empty() ? "" : " ", point.x,
                      point.y);
        places += text.data();
    }
    picture_ += R"(<polyline fill="none" stroke-linejoin="round")" + attribute("stroke", colour) +
                attribute("stroke-width", width) + attribute("points", places) + "/>\n";
}

void Svg::box(double x, double y, double width, double height, std::string_view colour) {
    picture_ += "<rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
                attribute("height", height) + attribute("fill", colour) + "/>\n";
}

void Svg::text(double x, double y, std::string_view text, TextStyle style) {
    picture_ += "<text" + attribute("x", x) + attribute("y", y) +
                attribute("font-size", style.size) + attribute("text-anchor", style.anchor) +
                (style.bold ? " font-weight=\"bold\"" : "") + " fill=\"#222222\">" + escaped(text) +
                "</text>\n";
}

}  // namespace compare
