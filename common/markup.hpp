// Text in pages and pictures that a program writes. No step teaches it.
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// `text` for HTML and SVG: it can neither begin a tag nor end an attribute, whoever wrote it.
/// Source: WHATWG HTML, section 13.1.
inline std::string escaped(std::string_view text) {
    std::string markup;
    for (const char c : text) {
        switch (c) {
            case '&':
                markup += "&amp;";
                break;
            case '<':
                markup += "&lt;";
                break;
            case '>':
                markup += "&gt;";
                break;
            case '"':
                markup += "&quot;";
                break;
            default:
                markup += c;
        }
    }
    return markup;
}

}  // namespace lab
