// Any step's page as tests use it: by the ids of its elements.
#pragma once

#include <string>

#include "tests/support/browser.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// The address of the pages of `server`, without a slash at its end.
inline std::string origin_of(const Server& server) {
    return "http://127.0.0.1:" + server.port();
}

/// JavaScript: the text in the element `id`.
inline std::string text_in(const std::string& id) {
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

/// Puts `name`, as JavaScript writes it between quotes, into the field of the name.
inline void put_name(Browser& browser, const std::string& name, Place place = Place::here()) {
    browser.evaluate("(name_field => { name_field.value = '" + name +
                         "'; name_field.dispatchEvent(new Event('change')); })"
                         "(document.getElementById('name'))",
                     place);
}

/// Says `text`: types it into the element `text`, and presses Enter.
inline void say(Browser& browser, const std::string& text, Place place = Place::here()) {
    type_into(browser, "text", text, place);
    browser.press("Enter", place);
}

/// Keeps in `states` all that the state says: one may be gone before we look.
inline void record_states(Browser& browser, Place place = Place::here()) {
    browser.evaluate(
        "(window.states = [], new MutationObserver(() => states.push(state.textContent))"
        ".observe(state, {childList: true}))",
        place);
}

/// The elements that have the focus, one after the other, from the element `first` on with
/// `presses` of the Tab key: its id, or its label, or its text.
inline std::string tab_order(Browser& browser, const std::string& first, int presses,
                             Place place = Place::here()) {
    browser.evaluate("document.getElementById('" + first + "').focus()", place);
    std::string order = first;
    for (int i = 0; i < presses; ++i) {
        browser.press("Tab", place);
        order += '|';
        order += browser.evaluate(
            "document.activeElement.id || document.activeElement.getAttribute('aria-label') || "
            "document.activeElement.textContent.trim()",
            place);
    }
    return order;
}

/// A screen reader reads out what is new: in the list `log`, of the state, and in notices.
inline void expect_read_out(Browser& browser, const std::string& log, Place place = Place::here()) {
    expect_bytes("log|status|status",
                 browser.evaluate("['" + log +
                                      "', 'state', 'notice'].map(id => "
                                      "document.getElementById(id).getAttribute('role')).join('|')",
                                  place),
                 "roles whose changes a screen reader reads out", place);
}

/// The name of each input, for people who do not see where it stands: its label, or its
/// aria-label.
inline std::string labels_of(Browser& browser, Place place = Place::here()) {
    return browser.evaluate(
        "[...document.querySelectorAll('input')].map(input => "
        "input.labels[0]?.textContent ?? input.getAttribute('aria-label')).join('|')",
        place);
}

/// A name and a text, and what a chat makes of both, that would do harm if the page took them for
/// HTML; and that it did not.
inline const std::string kNameInHtml = "<b>Ада</b>";
inline const std::string kTextInHtml = "<img src=x onerror=\"window.fired = 1\">";
inline const std::string kSaidInHtml = "<b>Ада</b>: <img src=x onerror=\"window.fired = 1\">";
inline void expect_no_html(Browser& browser, Place place = Place::here()) {
    expect_bytes("0", browser.evaluate("document.querySelectorAll('li img, li b').length", place),
                 "set textContent, not innerHTML", place);
    expect_bytes("undefined", browser.evaluate("window.fired", place), "no script may run", place);
}

/// A name that encodeURIComponent refuses, half an emoji, and that would turn the line around, as
/// JavaScript writes it; what a page makes of it; and its message `hi`, in which <bdi> isolates it.
inline const std::string kBadName = "\\uD83D\\u202Eדוד\\u2067";
inline const std::string kCuredName = "\uFFFDדוד";
inline void expect_cured_name(Browser& browser, const std::string& text,
                              Place place = Place::here()) {
    browser.wait_until(joined_texts_of(text + " bdi") + " === '" + kCuredName + "'",
                       "replace half a character, take out what turns the text, isolate the name",
                       place);
    expect_bytes(kCuredName + ": hi", browser.evaluate(joined_texts_of(text), place),
                 "the name, and what it says", place);
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
