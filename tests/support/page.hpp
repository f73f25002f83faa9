// Any step's page as tests use it: by the ids of its elements.
#pragma once

#include <string>

#include "tests/support/browser.hpp"
#include "tests/support/program.hpp"

namespace lab::test {

/// The address of the pages of `server`, without a slash at its end.
inline std::string origin_of(const Server& server) {
    return "http://127.0.0.1:" + server.port();
}

/// JavaScript: the text of the element `id`.
inline std::string text_of(const std::string& id) {
    return "document.getElementById('" + id + "').textContent";
}

/// JavaScript: the texts of all elements that `selector` means.
inline std::string joined_texts_of(const std::string& selector) {
    return "[...document.querySelectorAll('" + selector +
           "')].map(item => item.textContent).join('|')";
}

/// Types `text` into the element `id`, after what stands there.
inline void type_into(Browser& browser, const std::string& id, const std::string& text,
                      Place place = Place::here()) {
    browser.evaluate("document.getElementById('" + id + "').focus()", place);
    browser.type(text, place);
}

/// Says `text`: types it into the element `text`, and presses Enter.
inline void say(Browser& browser, const std::string& text, Place place = Place::here()) {
    type_into(browser, "text", text, place);
    browser.press("Enter", place);
}

/// Nothing is wider than the screen, nor than the boxes that scroll.
inline void expect_no_horizontal_scrolling(Browser& browser, Place place = Place::here()) {
    expect_bytes("true",
                 browser.evaluate("[document.documentElement, ...document.querySelectorAll("
                                  "'.scrolls')].every(box => box.scrollWidth <= box.clientWidth)",
                                  place),
                 "nothing is wider than the phone: overflow-wrap", place);
}

}  // namespace lab::test
