// The page of 06_sse as tests use it: by the ids of its elements.
#pragma once

#include <string>
#include <vector>

#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/page.hpp"
#include "tests/support/server.hpp"

namespace lab::test::sse_page {

inline const std::string kStep = "06_sse";

/// JavaScript: all events that the page shows, without its own remarks.
inline const std::string kEvents = joined_texts_of("#feed .text");
/// JavaScript: the ids beside them.
inline const std::string kIds = joined_texts_of("#feed .id");
/// JavaScript: the page's own remarks.
inline const std::string kNotes = joined_texts_of("#feed .note");

/// The command of a server that ends and comes back at the same port; `retry` is the time after
/// which its readers do, in milliseconds.
inline std::vector<std::string> command_at(const std::string& port,
                                           const std::string& retry = "200") {
    return {path_of(kStep), "server", "--port", port, "--retry", retry};
}

inline void expect_open(Browser& browser, Place place = Place::here()) {
    browser.wait_until(text_in("state") + ".startsWith('Open')",
                       "the page opens its stream by itself and says so", place);
}

/// Opens the page, and waits for its stream.
inline void open_page(Browser& browser, const Server& server, Place place = Place::here()) {
    browser.open(origin_of(server) + "/", place);
    expect_open(browser, place);
}

inline void expect_events(Browser& browser, const std::string& events, const std::string& hint,
                          Place place = Place::here()) {
    browser.wait_until(kEvents + " === '" + events + "'", hint, place);
}

/// Has the server drop the page's stream, by the page's button, and waits until the browser has
/// made a new one by itself.
inline void drop_stream(Browser& browser, Place place = Place::here()) {
    record_states(browser, place);
    browser.evaluate("document.getElementById('drop').click()", place);
    browser.wait_until("states.some(words => words.startsWith('The stream has ended'))",
                       "the page says in words that the stream has ended", place);
}

}  // namespace lab::test::sse_page
