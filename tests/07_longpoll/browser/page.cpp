// The page of 07_longpoll in a real browser.
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/page.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;

namespace {

// All messages but the page's own remarks.
const std::string kMessages = joined_texts_of("#messages .text:not(.note)");
const std::string kWaits = "A request waits at the server.";

void expect_messages(Browser& browser, const std::string& messages, const std::string& hint,
                     Place place = Place::here()) {
    browser.wait_until(kMessages + " === `" + messages + "`", hint, place);
}

void expect_state(Browser& browser, const std::string& words, Place place = Place::here()) {
    browser.wait_until(text_in("state") + " === '" + words + "'",
                       "the page says in words how it learns news", place);
}

// Opens the page, which then has a request parked.
void open(Browser& browser, const Server& server, Place place = Place::here()) {
    browser.open(origin_of(server) + "/", place);
    expect_state(browser, kWaits, place);
}

void choose(Browser& browser, const std::string& mode, Place place = Place::here()) {
    browser.evaluate("document.getElementById('" + mode + "').click()", place);
}

// JavaScript: the number that a cell of the table shows.
std::string number_in(const std::string& id) {
    return "parseFloat(" + text_in(id) + ")";
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("two pages chat by long polling and see the same in the same order") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser one;
    Browser other;
    one.resize(1000, 1000, false);
    for (Browser* const page : {&one, &other}) open(*page, server);
    type_into(one, "name", "Ада");
    one.press("Enter");
    say(one, "Привіт 👋");
    expect_messages(other, "Ада: Привіт 👋", "everyone gets it, at once");
    say(other, "Вітаю 🌻");
    for (Browser* const page : {&one, &other}) {
        expect_messages(*page, "Ада: Привіт 👋|User: Вітаю 🌻", "the sender gets it too: once");
        page->wait_until(text_in("unheard") + " === ''",
                         "a message that has come back waits no more");
        page->expect_no_errors();
    }
    one.save_screenshot("07-light");
    one.resize(1000, 1000, true);
    one.save_screenshot("07-dark");
    one.resize(375, 900, true);
    expect_no_horizontal_scrolling(one);
    one.save_screenshot("07-dark-phone");
}

TEST_CASE("a name with half an emoji or with bidirectional controls is cleaned before it is used") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    put_name(browser, kBadName);
    say(browser, "hi");
    expect_cured_name(browser, "#messages .text");
    put_name(browser, "\\u200B \\u3164");
    say(browser, "seen");
    expect_messages(browser, kCuredName + ": hi|User: seen", "a name that nobody sees is none");
    browser.expect_no_errors();
}

TEST_CASE("the page shows what was said before it came and what is said while it is there") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--history", "2"});
    Caller caller(server);
    caller.post_numbered("m", 1, 2);
    Browser browser;
    open(browser, server);
    expect_messages(browser, "User: m1|User: m2", "the server keeps the last ones");
    expect_bytes("0", browser.evaluate("document.querySelectorAll('.note').length"),
                 "nothing is gone");
    caller.post_numbered("m", 3, 3);
    expect_messages(browser, "User: m1|User: m2|User: m3", "at once");
    caller.post_numbered("m", 4, 4);
    Browser late;
    open(late, server);
    expect_messages(late, "User: m3|User: m4", "what is left");
    late.wait_until("document.querySelectorAll('#messages .note').length === 1",
                    "gap is true: the page says that some are gone");
    for (Browser* const page : {&browser, &late}) page->expect_no_errors();
}

TEST_CASE("the page shows a message and a name as text and never as HTML") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser one;
    Browser other;
    for (Browser* const page : {&one, &other}) open(*page, server);
    type_into(one, "name", kNameInHtml);
    say(one, kTextInHtml);
    for (Browser* const page : {&one, &other}) {
        expect_messages(*page, kSaidInHtml, "the text as it was said");
        expect_no_html(*page);
        page->expect_no_errors();
    }
}

TEST_CASE("the page takes every character as it was posted") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    Caller(server).post(
        "\"quoted\" \\back\\ \u2028\u2029 \x7f \t 👨‍👩‍👧‍👦 </script> &amp;",
        "name=%22%5C");
    expect_bytes("true",
                 browser.evaluate("new Promise(done => setInterval(() => document.querySelector("
                                  "'#messages li') && done(" +
                                  kMessages +
                                  R"( === '"\\: "quoted" \\back\\ \u2028\u2029 \x7f \t )"
                                  "👨‍👩‍👧‍👦 </script> &amp;'), 10))"),
                 "JSON.parse undoes each escape");
    browser.expect_no_errors();
}

TEST_CASE("the page polls when it is told to and counts what each way costs") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.resize(1000, 1000, false);
    open(browser, server);
    say(browser, "one");
    expect_messages(browser, "User: one", "by long polling");
    // The first question, the one that brought this, and the one that waits now.
    browser.wait_until(number_in("long-requests") + " === 3", "each request for news counts");
    browser.wait_until("/^[0-9]+\\.[0-9] ms$/.test(" + text_in("long-delay") + ")",
                       "from post to show");
    CHECK(browser.evaluate(number_in("long-headers") + " > 2 * 100") == "true");
    CHECK(browser.evaluate(text_in("long-empty")) == "1");
    CHECK(browser.evaluate(text_in("ajax-requests")) == "0");
    CHECK(browser.evaluate(text_in("ajax-delay")) == "–");

    browser.evaluate("document.getElementById('interval').value = 50");
    choose(browser, "ajax");
    expect_state(browser, "A request every 50 ms.");
    browser.wait_until(number_in("ajax-requests") + " > 5 && " + number_in("ajax-empty") + " > 5",
                       "mostly there is nothing new");
    say(browser, "two");
    expect_messages(browser, "User: one|User: two", "by AJAX polling");
    browser.wait_until("/^[0-9]+\\.[0-9] ms$/.test(" + text_in("ajax-delay") + ")",
                       "from post to show");
    browser.wait_until(number_in("ajax-headers") + " > " + number_in("ajax-empty") + " * 100",
                       "each of them has header lines");
    expect_bytes("3", browser.evaluate(text_in("long-requests")), "nothing is parked any more");
    browser.save_screenshot("07-ajax");

    choose(browser, "long");
    expect_state(browser, kWaits);
    const std::string requests = browser.evaluate(text_in("ajax-requests"));
    Caller(server).post("three");
    expect_messages(browser, "User: one|User: two|User: three", "by long polling again");
    expect_bytes(requests, browser.evaluate(text_in("ajax-requests")), "it polls no more");
    browser.expect_no_errors();
}

TEST_CASE("a page that polls leaves no request parked at the server") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    browser.evaluate("document.getElementById('interval').value = 100");
    choose(browser, "ajax");
    expect_state(browser, "A request every 100 ms.");
    // Had the parked one been answered too, this would stand there twice.
    for (const std::string text : {"one", "two"}) Caller(server).post(text);
    expect_messages(browser, "User: one|User: two", "each once");
    browser.wait_until(number_in("ajax-requests") + " >= 3", "it goes on");
    expect_messages(browser, "User: one|User: two", "each once");
    browser.expect_no_errors();
}

TEST_CASE("the wire pane shows each request and its answer") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    say(browser, "Привіт");
    expect_messages(browser, "User: Привіт", "the sender gets it too");
    for (const std::string part :
         {"→ GET /messages?after=0&wait=0", "← 200, empty",
          "→ GET /messages?after=0&wait=25&epoch=", "→ POST /messages12 bytes of text",
          "← 201 {\"id\":1,", "← 200, 1 message"})
        browser.wait_until(text_in("wire") + ".includes('" + part + "')", "on the wire: " + part);
    browser.expect_no_errors();
}

TEST_CASE("the page can be used by the keyboard alone and tells a screen reader what is new") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    browser.wait_until("document.activeElement.id === 'text'", "one can type at once");
    expect_bytes("name|long|interval|talk|text|Send|On the wire|On the wire",
                 tab_order(browser, "name", 7),
                 "the Tab key goes to everything, from top to bottom");
    expect_read_out(browser, "messages");
    expect_bytes(
        "Your name|Long polling: the server holds the request until there is news|"
        "AJAX polling: it answers at once, and the page asks again every|"
        "Milliseconds between two requests|Message",
        labels_of(browser), "each input has a label");
    browser.expect_no_errors();
}

TEST_CASE("the page shows long words and many lines within its width") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.resize(375, 900, false);
    open(browser, server);
    type_into(browser, "name", "Найдовше ім’я, яке лиш може бути");
    say(browser, std::string(300, 'w'));
    Caller(server).post("one\ntwo\nthree");
    browser.wait_until("document.querySelectorAll('#messages li').length === 2", "all is shown");
    expect_no_horizontal_scrolling(browser);
    browser.save_screenshot("07-phone-long");
    browser.expect_no_errors();
}

TEST_CASE("the page keeps no more than the last 500 messages") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Caller caller(server);
    caller.post_numbered("m", 1, 300);
    Browser browser;
    open(browser, server);
    caller.post_numbered("m", 301, 600);
    browser.wait_until(
        "document.getElementById('messages').lastElementChild?.textContent.endsWith('m600')",
        "all that is said is shown");
    expect_bytes("500", browser.evaluate("document.getElementById('messages').children.length"),
                 "a page that is open for days must not grow without end");
    browser.expect_no_errors();
}

TEST_SUITE_END();
