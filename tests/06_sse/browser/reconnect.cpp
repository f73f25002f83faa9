// The page of 06_sse in a real browser: when its stream is refused, or falls silent.
#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/06_sse/support/page.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/page.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::sse_page;

TEST_SUITE_BEGIN("full");

TEST_CASE("a page that was refused comes back by itself when it is let in") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    // The browser comes back by itself when others have both places, not before.
    std::optional<Server> server(std::in_place, command_at(port, "3000"));
    Browser browser;
    open_page(browser, *server);
    publish(*server, "one");
    expect_events(browser, "one", "it is shown");
    record_states(browser);
    server.reset();
    std::vector<std::string> full = command_at(port);
    full.insert(full.end(), {"--max-clients", "2"});
    server.emplace(full);
    // While others have both places, the server answers 503.
    std::optional<Connection> other(*server);
    std::optional<Connection> another(*server);
    browser.wait_until("states.some(words => words.startsWith('Refused'))",
                       "EventSource gives up after any answer but 200: say so");
    browser.wait_until(text_in("countdown") + ".startsWith('Next try in ')",
                       "a failure that can pass is tried again: say when");
    other.reset();
    another.reset();
    expect_open(browser);
    publish(*server, "two");
    expect_events(browser, "one|two", "and goes on");
}

TEST_CASE("a page whose server falls silent connects again and misses nothing") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--ping", "1", "--retry", "200"});
    Browser browser;
    open_page(browser, server);
    publish(server, "one");
    expect_events(browser, "one", "it is shown");
    record_states(browser);
    browser.evaluate("patience = 3000");
    browser.wait_until("beats && silentAt - performance.now() <= 3000",
                       "the server sends heartbeats to the page");
    // No byte and no FIN comes from it any more, as over a cable that is cut.
    server.pause();
    browser.wait_until("states.some(words => words.startsWith('The server has been silent'))",
                       "heartbeats are missing: say so");
    server.send_signal(SIGCONT);
    expect_open(browser);
    publish(server, "two");
    expect_events(browser, "one|two", "the page knows what it has seen");
    expect_bytes("", browser.evaluate(kNotes), "nothing is missing");
}

TEST_CASE("a page does not let the browser connect again and again to a stream that ends at once") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--retry", "1"});
    Browser browser;
    open_page(browser, server);
    // Each stream is dropped as soon as it is there.
    browser.evaluate(
        "(window.opens = [], source.close(), window.really = window.EventSource, "
        "window.EventSource = class extends really { constructor(address) { super(address); "
        "this.addEventListener('open', () => { opens.push(performance.now()); "
        "document.getElementById('drop').click(); }); } }, connect(), 0)");
    // Three tries of the browser's own; then at least 0.25 s, 0.5 s and 1 s.
    browser.wait_until("opens.length >= 7", "the page goes on trying");
    const double passed = std::stod(browser.evaluate("opens[6] - opens[0]"));
    CHECK_MESSAGE(passed >= 1700,
                  "waits have a floor, and grow until a stream has lasted: ", passed, " ms");
}

TEST_CASE("a text that the server cannot take now is published later") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    browser.evaluate(
        "(window.asked = 0, window.really = window.fetch, window.fetch = (...all) => ++asked > 2 ? "
        "really(...all) : Promise.resolve(new Response('full', {status: 503})), 0)");
    say(browser, "once");
    expect_events(browser, "User: once", "503 can pass: try again");
    browser.wait_until(text_in("pending") + " === ''", "an acknowledged message waits no more");
}

TEST_CASE("a text that a proxy gives no answer for may be published, and the page says so") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    // The server publishes it, but its answer is lost between the proxy and the server.
    browser.evaluate(
        "(window.really = window.fetch, window.fetch = (...all) => really(...all).then(() => "
        "new Response('Bad Gateway', {status: 502})), 0)");
    say(browser, "perhaps");
    expect_events(browser, "User: perhaps", "it was published");
    browser.wait_until(text_in("pending") + ".includes('not known whether it was published')",
                       "502, 504: the server may have done it");
}

TEST_SUITE_END();
