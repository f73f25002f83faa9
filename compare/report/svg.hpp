// A picture in SVG: the part of it that two plots need. Dark on white, on any page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace compare {

/// A place in the picture, from its upper left corner.
struct Point {
    double x, y;
};

struct TextStyle {
    double size = 14;
    bool bold = false;
    const char* anchor = "start";  // the part of the text that is at its point; or "middle", "end"
};

/// A picture that is drawn from back to front. Source: W3C, Scalable Vector Graphics (SVG) 1.1.
class Svg {
 public:
    /// `title` is for people to whom the picture is read.
    Svg(double width, double height, std::string_view title);

    void line(const std::vector<Point>& points, const char* colour, double width);
    void box(double x, double y, double width, double height, const char* colour);
    /// `text` may hold any character.
    void text(double x, double y, std::string_view text, TextStyle style = {});

    /// The whole picture, to which nothing can be added.
    std::string finish() { return picture_ + "</svg>\n"; }

 private:
    std::string picture_;
};

}  // namespace compare
