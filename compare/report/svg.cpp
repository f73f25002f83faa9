#include "compare/report/svg.hpp"

#include "common/markup.hpp"
#include "compare/report/figures.hpp"

namespace compare {

Svg::Svg(double width, double height, std::string_view title) {
    picture_ = format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.1f\" height=\"%.1f\""
        " viewBox=\"0 0 %g %g\" role=\"img\""
        " font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\">\n",
        width, height, width, height);
    picture_ += "<title>" + lab::escaped(title) + "</title>\n";
    box(0, 0, width, height, "white");
}

void Svg::line(const std::vector<Point>& points, const char* colour, double width) {
    picture_ += format(
        R"(<polyline fill="none" stroke-linejoin="round" stroke="%s" stroke-width="%.1f" points=")",
        colour, width);
    const char* gap = "";
    for (const Point& point : points) {
        picture_ += format("%s%.1f,%.1f", gap, point.x, point.y);
        gap = " ";
    }
    picture_ += "\"/>\n";
}

void Svg::box(double x, double y, double width, double height, const char* colour) {
    picture_ += format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
                       x, y, width, height, colour);
}

void Svg::text(double x, double y, std::string_view text, TextStyle style) {
    picture_ +=
        format(R"(<text x="%.1f" y="%.1f" font-size="%.1f" text-anchor="%s"%s fill="#222222">)", x,
               y, style.size, style.anchor, style.bold ? " font-weight=\"bold\"" : "");
    picture_ += lab::escaped(text) + "</text>\n";
}

}  // namespace compare
