// The page of 05_ws_chat in a real browser: what it shows.
#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tests/05_ws_chat/support/page.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/page.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::chat_page;

TEST_SUITE_BEGIN("own");

TEST_CASE("two pages chat in Cyrillic and emoji and see the same in the same order") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser one;
    Browser other;
    one.resize(1000, 900, false);
    enter(one, server, "Ада");
    other.open(origin_of(server) + "/");
    expect_connected(other, "User");
    say(one, "Привіт 👋");
    expect_messages(other, "Ада: Привіт 👋", "everyone gets `name: text`");
    say(other, "Вітаю 🌻");
    for (Browser* const page : {&one, &other}) {
        expect_messages(*page, "Ада: Привіт 👋|User: Вітаю 🌻", "the sender gets it too: once");
        page->wait_until(text_in("unheard") + " === ''",
                         "a message that has come back waits no more");
        page->expect_no_errors();
    }
    one.save_screenshot("05-light");
    one.resize(1000, 900, true);
    one.save_screenshot("05-dark");
    one.resize(375, 800, true);
    one.save_screenshot("05-dark-phone");
}

TEST_CASE("a name with half an emoji or with bidirectional controls is cleaned before it is used") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.open(origin_of(server) + "/");
    expect_connected(browser, "User");
    put_name(browser, kBadName);
    expect_connected(browser, kCuredName);
    say(browser, "hi");
    expect_cured_name(browser, "#messages .text");
    put_name(browser, "\\u200B \\u3164");
    expect_connected(browser, "User");
    browser.expect_no_errors();
}

TEST_CASE("the wire pane shows what was sent and what came back and the time between") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    enter(browser, server, "Ада");
    say(browser, "Привіт 👋");
    expect_messages(browser, "Ада: Привіт 👋", "everyone gets `name: text`");
    expect_bytes("→ sentПривіт 👋17 bytes|← receivedАда: Привіт 👋25 bytes, after TIME ms",
                 browser.evaluate(joined_texts_of("#wire li") +
                                  R"(.replace(/after \d+\.\d ms/, 'after TIME ms'))"),
                 "the text alone there, with the name back; bytes are of UTF-8");
    browser.expect_no_errors();
}

TEST_CASE("the page shows a message and a name as text and never as HTML") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser one;
    Browser other;
    other.open(origin_of(server) + "/");
    expect_connected(other, "User");
    enter(one, server, kNameInHtml);
    say(one, kTextInHtml);
    for (Browser* const page : {&one, &other}) {
        expect_messages(*page, kSaidInHtml, "the text as it was said");
        expect_no_html(*page);
        page->expect_no_errors();
    }
}

TEST_CASE("the page takes another name by connecting again and remembers it") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    // These letters mean something in an address.
    const std::string name = "a&b;c=d+e%f #ї/?";
    enter(browser, server, name);
    say(browser, "x");
    expect_messages(browser, name + ": x", "percent-encode the name");
    browser.open(origin_of(server) + "/");
    expect_connected(browser, name);
    record_states(browser);
    browser.evaluate("document.getElementById('name').select()");
    browser.press("Backspace");
    browser.press("Enter");
    expect_connected(browser, "User");
    say(browser, "y");
    expect_messages(browser, "User: y", "without a name one is User");
    expect_bytes("|Connected as User.", browser.evaluate("states.join('|')"),
                 "that the old connection ends is no news");
    browser.expect_no_errors();
}

TEST_CASE("the page says how many bytes a binary message has") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.open(origin_of(server) + "/");
    expect_connected(browser, "User");
    browser.evaluate(
        "(window.raw = new WebSocket(location.origin.replace('http', 'ws') + '/ws'), "
        "raw.onopen = () => raw.send(new Uint8Array(5)))");
    expect_messages(browser, "5 bytes of binary data", "binary messages go to everyone");
    browser.expect_no_errors();
}

TEST_CASE("the page shows a notice of the server as a note, and as nobody's message") {
    if (!Browser::is_there() || !Redis::is_there()) return;
    Redis redis;
    const Server server(kStep, {"--broker", redis.room("lounge")});
    Browser browser;
    enter(browser, server, "Ann");
    redis.kill();
    browser.wait_until(
        "[...document.querySelectorAll('#messages .note')].some("
        "(note) => note.textContent.includes('the broker is gone'))",
        "a message with an empty name is a notice of the server");
    CHECK(browser.evaluate(joined_texts_of("#messages .text:not(.note)")).empty());
    browser.expect_no_errors();
}

TEST_CASE("the page keeps no more than the last 500 messages") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--rate", "0"});
    Browser browser;
    browser.resize(1000, 900, false);
    browser.open(origin_of(server) + "/");
    expect_connected(browser, "User");
    browser.evaluate(
        "(window.raw = new WebSocket(location.origin.replace('http', 'ws') + '/ws?name=raw'), "
        "raw.onopen = () => { for (let i = 1; i <= 600; ++i) raw.send(i); })");
    browser.wait_until(
        "document.getElementById('messages').lastElementChild?.textContent"
        ".endsWith('raw: 600')",
        "all that is sent is shown");
    for (const std::string list : {"messages", "wire"}) {
        expect_bytes("500",
                     browser.evaluate("document.getElementById('" + list + "').children.length"),
                     "a page that is open for days must not grow without end");
    }
    // The newest message is in sight.
    browser.wait_until(
        "document.getElementById('messages').lastElementChild"
        ".getBoundingClientRect().bottom <= "
        "document.getElementById('talk').getBoundingClientRect().bottom",
        "scroll to the newest message");
    browser.save_screenshot("05-many");
    // A reader who has scrolled up is left there.
    browser.evaluate("talk.scrollTop = -300");
    browser.evaluate(
        "(window.read = [...messages.children].find(item => item.textContent.endsWith('590')), "
        "window.before = read.getBoundingClientRect().top)");
    browser.evaluate("raw.send('new')");
    browser.wait_until("messages.lastElementChild.textContent.endsWith('raw: new')", "it is shown");
    expect_bytes("true",
                 browser.evaluate("Math.abs(read.getBoundingClientRect().top - before) < 2"),
                 "a text that somebody reads must not move away");
    browser.expect_no_errors();
}

TEST_CASE("the page can be used by the keyboard alone and tells a screen reader what is new") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.open(origin_of(server) + "/");
    browser.wait_until("document.activeElement.id === 'text'", "one can type at once");
    expect_bytes("name|talk|text|Send|On the wire|On the wire", tab_order(browser, "name", 5),
                 "the Tab key goes to everything, from top to bottom");
    type_into(browser, "name", "Ада");
    browser.press("Enter");
    expect_bytes("text", browser.evaluate("document.activeElement.id"),
                 "after the name comes the message");
    expect_connected(browser, "Ада");
    expect_read_out(browser, "messages");
    expect_bytes("Your name|Message", labels_of(browser), "each input has a label");
    browser.expect_no_errors();
}

TEST_CASE("the page shows long words and many lines within its width") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.resize(375, 800, false);
    enter(browser, server, "Найдовше ім’я, яке лиш може бути");
    say(browser, std::string(300, 'w'));
    browser.evaluate(
        "(window.raw = new WebSocket(location.origin.replace('http', 'ws') + '/ws'), "
        "raw.onopen = () => raw.send('one\\ntwo\\nthree'))");
    browser.wait_until("document.getElementById('wire').children.length === 3", "all is shown");
    expect_no_horizontal_scrolling(browser);
    browser.save_screenshot("05-phone-long");
    browser.expect_no_errors();
}

TEST_SUITE_END();
