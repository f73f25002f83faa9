// A picture in SVG: as much of it as two plots need. Dark on white, whatever stands around it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace compare {

/// A place in the picture, from its upper left corner. A plain value.
struct Point {
    double x, y;
};

/// How a text looks. A plain value.
struct TextStyle {
    double size = 14;
    bool bold = false;
    const char* anchor = "start";  // or "middle", or "end": what of it stands at the point
};

/// A picture that is drawn from back to front. One thread. Source: W3C, Scalable Vector Graphics
/// (SVG) 1.1.
class Svg {
 public:
    /// `title` is for those to whom the picture is read.
    Svg(double width, double height, std::string_view title);

    void line(const std::vector<Point>& points, std::string_view colour, double width);
    void box(double x, double y, double width, double height, std::string_view colour);
    /// `text` may hold any character.
    void text(double x, double y, std::string_view text, TextStyle style = {});

    /// The whole picture. Nothing is to be drawn after it.
    std::string finish() { return picture_ + "</svg>\n"; }

 private:
    std::string picture_;
};

/// `value` as short as it can be: 20, 0.01, 1.5. Any thread may call it.
std::string plain_number(double value);

}  // namespace compare
