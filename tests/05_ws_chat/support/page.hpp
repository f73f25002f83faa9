// The page of 05_ws_chat as tests use it: by the ids of its elements.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/page.hpp"
#include "tests/support/server.hpp"

namespace lab::test::chat_page {

inline const std::string kStep = "05_ws_chat";
inline const std::string kCountdown = "document.getElementById('countdown').textContent";

/// The command of a server that ends and comes back at the same port.
inline std::vector<std::string> command_at(const std::string& port) {
    return {path_of(kStep), "server", "--port", port};
}

/// All messages but the page's own remarks.
inline const std::string kMessages = joined_texts_of("#messages .text:not(.note)");

inline void expect_connected(Browser& browser, const std::string& name,
                             Place place = Place::here()) {
    browser.wait_until(text_in("state") + " === 'Connected as " + name + ".'",
                       "the page connects to /ws by itself and says so", place);
}

inline void expect_messages(Browser& browser, const std::string& messages, const std::string& hint,
                            Place place = Place::here()) {
    browser.wait_until(kMessages + " === '" + messages + "'", hint, place);
}

/// Opens the page and connects under `name`.
inline void enter(Browser& browser, const Server& server, const std::string& name,
                  Place place = Place::here()) {
    browser.open(origin_of(server) + "/", place);
    expect_connected(browser, "User", place);
    type_into(browser, "name", name, place);
    browser.press("Enter", place);
    expect_connected(browser, name, place);
}

/// From now on the page's waits are shortened by `part` of a half, not by a random one.
inline void set_random(Browser& browser, const std::string& part) {
    browser.evaluate("Math.random = () => " + part);
}

/// Has the page try, in vain, until it waits for more than 4 s.
inline void lengthen_wait(Browser& browser, Place place = Place::here()) {
    browser.wait_until(
        "(retryAt < Infinity && retryAt - performance.now() > 4000) || "
        "(now.disabled || now.click(), false)",
        "each try that fails doubles the wait", place);
}

/// Has the page, which has no connection, wait until somebody clicks.
inline void wait_for_click(Browser& browser, Place place = Place::here()) {
    browser.wait_until("retryAt < Infinity && (retryAt = Infinity)",
                       "a page without a connection waits for its next try", place);
}

/// The countdown's first words when the next wait begins.
inline const std::string kNextWait =
    "new Promise(resolve => new MutationObserver(() => countdown.textContent.startsWith('Next') && "
    "resolve(countdown.textContent)).observe(countdown, {childList: true}))";

/// After record_states(): a state has begun so.
inline void expect_state(Browser& browser, const std::string& beginning,
                         Place place = Place::here()) {
    browser.wait_until("states.some(words => words.startsWith('" + beginning + "'))",
                       "the page says in words why the connection ended", place);
}

/// What becomes of a WebSocket that a script of the page opens to `server`.
inline std::string try_to_connect(Browser& browser, const Server& server) {
    return browser.evaluate(
        "new Promise(resolve => { const tried = new WebSocket('ws://127.0.0.1:" + server.port() +
        "/ws'); tried.onopen = () => resolve('open'); tried.onclose = () => resolve('closed'); })");
}

inline void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace lab::test::chat_page
