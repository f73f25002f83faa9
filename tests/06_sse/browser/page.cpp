// The page of 06_sse in a real browser.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/06_sse/support/page.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/page.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::sse_page;

TEST_SUITE_BEGIN("own");

TEST_CASE("two pages see what each publishes in the same order with its id") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser one;
    Browser other;
    one.resize(1000, 1000, false);
    open_page(one, server);
    open_page(other, server);
    type_into(one, "name", "Ада");
    say(one, "Привіт 👋");
    expect_events(other, "Ада: Привіт 👋", "everyone gets `name: text`");
    say(other, "Вітаю 🌻");
    expect_events(one, "Ада: Привіт 👋|User: Вітаю 🌻", "everyone gets `name: text`");
    expect_bytes("3", std::to_string(publish(server, "one\nanother line")), "ids count from 1");
    for (Browser* const page : {&one, &other}) {
        expect_events(*page, "Ада: Привіт 👋|User: Вітаю 🌻|one\\nanother line",
                      "the publisher gets it too: once");
        expect_bytes("1|2|3", page->evaluate(kIds), "each event has its id beside it");
        page->wait_until(text_in("last") + " === '3'", "the last id is shown");
        page->wait_until(text_in("pending") + " === ''", "an acknowledged message waits no more");
        page->expect_no_errors();
    }
    one.wait_until("document.querySelector('[data-id=\"1\"] .own') !== null",
                   "one's own event is marked, also if others come before the answer to the POST");
    one.save_screenshot("06-light");
    one.resize(1000, 1000, true);
    one.save_screenshot("06-dark");
    one.resize(375, 900, true);
    expect_no_horizontal_scrolling(one);
    one.save_screenshot("06-dark-phone");
}

TEST_CASE("a name with half an emoji or with bidirectional controls is cleaned before it is used") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    put_name(browser, kBadName);
    say(browser, "hi");
    expect_cured_name(browser, "#feed .text");
    put_name(browser, "\\u200B \\u3164");
    say(browser, "seen");
    expect_events(browser, kCuredName + ": hi|User: seen", "a name that nobody sees is none");
    browser.expect_no_errors();
}

TEST_CASE("a page that comes later shows the history first") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--history", "2"});
    for (const std::string text : {"one", "two", "three"}) publish(server, text);
    Browser browser;
    open_page(browser, server);
    expect_events(browser, "two|three", "?last_event_id=0 is from the beginning");
    expect_bytes("Event 1 is gone: the server keeps only the last ones.", browser.evaluate(kNotes),
                 "missing events are reported in words");
    browser.expect_no_errors();
}

TEST_CASE("a page whose stream is dropped comes back by itself and misses nothing") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--retry", "300"});
    Browser browser;
    browser.resize(1000, 1000, false);
    open_page(browser, server);
    std::string all;
    for (int round = 1; round <= 3; ++round) {
        const std::string before = "before " + std::to_string(round);
        publish(server, before);
        all += before;
        expect_events(browser, all, "it is shown");
        drop_stream(browser);
        // Nobody listens now.
        const std::string meanwhile = "|meanwhile " + std::to_string(round);
        publish(server, meanwhile.substr(1));
        all += meanwhile;
        expect_open(browser);
        expect_events(browser, all, "EventSource sends Last-Event-ID by itself");
        all += '|';
    }
    expect_bytes("1|2|3|4|5|6", browser.evaluate(kIds), "each event once and in order");
    expect_bytes("", browser.evaluate(kNotes), "nothing is missing");
    browser.save_screenshot("06-dropped");
    browser.expect_no_errors();
}

TEST_CASE("the button drops the stream of its own page alone") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--retry", "100"});
    Browser one;
    Browser other;
    open_page(one, server);
    open_page(other, server);
    record_states(other);
    drop_stream(one);
    expect_open(one);
    publish(server, "still there?");
    for (Browser* const page : {&one, &other}) expect_events(*page, "still there?", "both get it");
    expect_bytes("", other.evaluate("states.join('|')"), "the other's stream has not ended");
}

TEST_CASE("a page comes back after the server and says that the server has restarted") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    std::optional<Server> server(std::in_place, command_at(port));
    Browser browser;
    browser.resize(1000, 1000, false);
    open_page(browser, *server);
    for (const std::string text : {"one", "two", "three"}) publish(*server, text);
    expect_events(browser, "one|two|three", "they are shown");
    record_states(browser);
    server->send_signal(SIGKILL);
    browser.wait_until("states.some(words => words.startsWith('The stream has ended'))",
                       "the page says in words that the stream has ended");
    say(browser, "nobody hears");
    browser.wait_until(
        joined_texts_of("#pending .mark") + " === 'not known whether it was published'",
        "a message that the server has not acknowledged is shown so");
    browser.save_screenshot("06-offline");
    server.emplace(command_at(port));
    publish(*server, "four");
    expect_open(browser);
    expect_events(browser, "one|two|three|four",
                  "the new run does not know 3: it sends all it has");
    browser.wait_until(kNotes + ".startsWith('The server has restarted')",
                       "that something may be missing is said in words");
    browser.evaluate("document.querySelector('#pending button').click()");
    expect_events(browser, "one|two|three|four|User: nobody hears",
                  "publish an unacknowledged message again if its writer wants it");
    browser.wait_until(text_in("pending") + " === ''", "an acknowledged message waits no more");
}

TEST_CASE("the page shows a text and a name as text and never as HTML") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser one;
    Browser other;
    open_page(one, server);
    open_page(other, server);
    type_into(one, "name", kNameInHtml);
    say(one, kTextInHtml);
    for (Browser* const page : {&one, &other}) {
        expect_events(*page, kSaidInHtml, "the text as it was published");
        expect_no_html(*page);
        page->expect_no_errors();
    }
}

TEST_CASE("a name goes to the server percent-encoded and is remembered") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    // These letters mean something in an address.
    const std::string name = "a&b;c=d+e%f #ї/?";
    type_into(browser, "name", name);
    say(browser, "x");
    expect_events(browser, name + ": x", "percent-encode the name");
    // With a text that waits for its answer the browser would ask whether to leave.
    browser.wait_until(text_in("pending") + " === ''", "an acknowledged message waits no more");
    open_page(browser, server);
    say(browser, "y");
    expect_events(browser, name + ": x|" + name + ": y", "it is remembered");
}

TEST_CASE("a text that is too long stays on the page with the reason") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    browser.evaluate("document.getElementById('text').value = 'x'.repeat(70000)");
    say(browser, "");
    browser.wait_until("document.querySelector('#pending .mark').textContent.includes('413')",
                       "say that it was refused, and why");
    publish(server, "next");
    expect_events(browser, "next", "the stream goes on");
}

TEST_CASE("the wire pane shows what goes up in requests and comes down the stream") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    say(browser, "Привіт");
    expect_events(browser, "User: Привіт", "everyone gets `name: text`");
    const std::string wire = joined_texts_of("#wire .text");
    for (const std::string line : {"GET /events", "POST /publish?name=User\\nПривіт", "202\\n1",
                                   "id: 1\\ndata: User: Привіт"}) {
        std::string shown = wire;
        shown.append(".split('|').some(text => text.startsWith('").append(line).append("'))");
        browser.wait_until(shown, "the bytes on the wire are shown: " + line);
    }
    browser.expect_no_errors();
}

TEST_CASE("the page can be used by the keyboard alone and tells a screen reader what is new") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    expect_bytes("text", browser.evaluate("document.activeElement.id"), "one can type at once");
    expect_bytes("drop|talk|name|text|Publish|On the wire|On the wire",
                 tab_order(browser, "drop", 6),
                 "the Tab key goes to everything, from top to bottom");
    expect_read_out(browser, "feed");
    expect_bytes("Your name|Text", labels_of(browser), "each input has a label");
    browser.expect_no_errors();
}

TEST_CASE("the page shows long words and many lines within its width") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.resize(375, 900, false);
    open_page(browser, server);
    type_into(browser, "name", "Найдовше ім’я, яке лиш може бути");
    say(browser, std::string(300, 'w'));
    publish(server, "one\ntwo\nthree");
    browser.wait_until("document.querySelectorAll('#feed .text').length === 2", "all is shown");
    expect_no_horizontal_scrolling(browser);
    browser.save_screenshot("06-phone-long");
    browser.expect_no_errors();
}

TEST_CASE("the page keeps no more than the last 1000 events") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open_page(browser, server);
    Publisher(server).publish_numbers(1100);
    browser.wait_until(
        "document.getElementById('feed').lastElementChild?.textContent"
        ".endsWith('1100')",
        "all that comes is shown");
    for (const std::string list : {"feed", "wire"}) {
        expect_bytes(
            "true",
            browser.evaluate("document.getElementById('" + list + "').children.length <= 1000"),
            "a page that is open for days must not grow without end");
    }
    browser.wait_until(
        "document.getElementById('feed').lastElementChild"
        ".getBoundingClientRect().bottom <= "
        "document.getElementById('talk').getBoundingClientRect().bottom",
        "scroll to the newest message");
    browser.expect_no_errors();
}

TEST_SUITE_END();
