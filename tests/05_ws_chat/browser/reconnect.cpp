// The page of 05_ws_chat in a real browser: when the connection is lost, and found again.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tests/05_ws_chat/support/page.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::chat_page;

TEST_SUITE_BEGIN("own");

TEST_CASE("both pages come back after the server and a message typed meanwhile arrives once") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    std::optional<Server> server(command_at(port));
    Browser one;
    Browser other;
    one.resize(1000, 900, false);
    enter(one, *server, "Ада");
    enter(other, *server, "Боб");
    for (Browser* const page : {&one, &other}) {
        set_random(*page, "0");
        record_states(*page);
    }
    server->send_signal(SIGKILL);
    expect_state(one, "The connection broke (1006).");
    expect_state(other, "The connection broke (1006).");
    say(one, "поки нікого");
    one.wait_until(joined_texts_of("#unheard .mark") + " === 'waiting for the connection'",
                   "a message that cannot be sent is kept and shown so");
    type_into(one, "text", "чернетка");
    // The other one has to be there first, or it would miss the message.
    wait_for_click(one);
    one.save_screenshot("05-offline");
    one.resize(375, 800, false);
    one.save_screenshot("05-offline-phone");
    server.emplace(command_at(port));
    expect_connected(other, "Боб");
    one.evaluate("now.click()");
    expect_connected(one, "Ада");
    for (Browser* const page : {&one, &other})
        expect_messages(*page, "Ада: поки нікого", "sent when there is a connection again");
    expect_bytes("Connected again. The chat keeps no history: what was said meanwhile is not here.",
                 one.evaluate(joined_texts_of("#messages .note")),
                 "messages said meanwhile are lost: say so");
    expect_bytes("чернетка", one.evaluate("document.getElementById('text').value"),
                 "a text that is being typed stays");
    one.press("Enter");
    // Had anything come twice, it would stand before this.
    for (Browser* const page : {&one, &other})
        expect_messages(*page, "Ада: поки нікого|Ада: чернетка", "each message once");
}

TEST_CASE("the page doubles the wait up to 16 s and counts it down") {
    if (!Browser::is_there()) return;
    std::optional<Server> server(kStep);
    Browser browser;
    browser.open(origin_of(*server) + "/");
    expect_connected(browser, "User");
    set_random(browser, "0");
    record_states(browser);
    // Notes how each wait begins, and does not wait.
    browser.evaluate(
        "(window.waits = new Promise(resolve => { const begun = []; new MutationObserver(() => { "
        "if (!countdown.textContent.startsWith('Next')) return; "
        "if (begun.push(countdown.textContent.match(/[0-9]+/)[0]) === 7) resolve(begun.join('|')); "
        "if (begun.length < 7) now.click(); }).observe(countdown, {childList: true}); }), 0)");
    server.reset();
    expect_bytes("1|1|2|4|8|16|16", browser.evaluate("waits"),
                 "0.5 s at first, then twice as long each time, 16 s at most");
    expect_bytes(
        "2", browser.evaluate("states.length"),
        "a screen reader says once that the connection broke, and once that there is none");
    browser.wait_until("/^Next try in ([1-9]|1[0-5]) s/.test(" + kCountdown + ")",
                       "the time that is left is shown");
    set_random(browser, "1");
    browser.evaluate("(window.next = " + kNextWait + ", now.click())");
    expect_bytes("Next try in 8 s.", browser.evaluate("next"),
                 "each wait is shortened by a random part of up to a half");
}

TEST_CASE("the page waits longer each time where a connection is opened and closed at once") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.open(origin_of(server) + "/");
    expect_connected(browser, "User");
    set_random(browser, "0");
    // As a server does that is full: RFC 6455, and 1013 in its registry.
    browser.evaluate(
        "(window.WebSocket = class { static OPEN = 1; constructor() { setTimeout(() => { "
        "this.readyState = 1; this.onopen(); this.readyState = 3; "
        "this.onclose({code: 1013, reason: ''}); }); } close() {} }, "
        "window.waits = new Promise(resolve => { const begun = []; new MutationObserver(() => { "
        "if (!countdown.textContent.startsWith('Next')) return; "
        "if (begun.push(countdown.textContent.match(/[0-9]+/)[0]) === 5) resolve(begun.join('|')); "
        "if (begun.length < 5) now.click(); }).observe(countdown, {childList: true}); }), "
        "backoff.reset(), connect(), 0)");
    expect_bytes("1|1|2|4|8", browser.evaluate("waits"),
                 "only a connection that has lasted is a success");
}

TEST_CASE("a page whose server falls silent connects again") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--ping", "1"});
    Browser browser;
    browser.open(origin_of(server) + "/");
    expect_connected(browser, "User");
    record_states(browser);
    browser.evaluate("patience = 3000");
    browser.wait_until("beats && silentAt - performance.now() <= 3000",
                       "the server sends heartbeats to the page");
    // No byte and no FIN comes from it any more, as over a cable that is cut.
    server.pause();
    expect_state(browser, "The server has been silent");
    server.send_signal(SIGCONT);
    expect_connected(browser, "User");
    say(browser, "back");
    expect_messages(browser, "User: back", "heartbeats are no messages of the chat");
}

TEST_CASE("the page begins with short waits again after a connection has lasted") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    std::optional<Server> server(command_at(port));
    Browser browser;
    browser.open(origin_of(*server) + "/");
    expect_connected(browser, "User");
    set_random(browser, "0");
    server.reset();
    lengthen_wait(browser);
    server.emplace(command_at(port));
    browser.evaluate("now.click()");
    expect_connected(browser, "User");
    browser.wait_until("performance.now() - backoff.upSince >= 5000", "5 s are long enough");
    browser.evaluate("(window.next = " + kNextWait + ", 0)");
    server.reset();
    expect_bytes("Next try in 1 s.", browser.evaluate("next"), "a connection ends the long waits");
}

TEST_CASE("the page says of a message that it is not known whether it arrived") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    std::optional<Server> server(command_at(port));
    Browser browser;
    browser.resize(1000, 900, false);
    browser.open(origin_of(*server) + "/");
    expect_connected(browser, "User");
    server->pause();
    say(browser, "чи дійшло");
    const std::string mark = joined_texts_of("#unheard .mark");
    browser.wait_until(mark + " === 'sent, has not come back yet'", "only the echo tells");
    server->send_signal(SIGKILL);
    browser.wait_until(mark + " === 'not known whether it arrived'", "say what is not known");
    const std::string leave = "window.dispatchEvent(new Event('beforeunload', {cancelable: true}))";
    expect_bytes("false", browser.evaluate(leave), "ask before the page and the message are gone");
    browser.save_screenshot("05-unknown");
    server.emplace(command_at(port));
    expect_connected(browser, "User");
    expect_bytes("|not known whether it arrived", browser.evaluate(kMessages + " + '|' + " + mark),
                 "it may have arrived: only people can say whether to send it again");
    browser.evaluate("document.querySelector('#unheard button').click()");
    expect_messages(browser, "User: чи дійшло", "the button sends it again");
    browser.wait_until(text_in("unheard") + " === '' && " + text_in("notice") + " === ''",
                       "then it is known");
    expect_bytes("true", browser.evaluate(leave), "nothing would be lost now");
}

TEST_CASE("the page doubts a message that was on its way when the name changed") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.open(origin_of(server) + "/");
    expect_connected(browser, "User");
    server.pause();
    say(browser, "чи дійшло");
    type_into(browser, "name", "Ада");
    browser.press("Enter");
    browser.wait_until(joined_texts_of("#unheard .mark") + " === 'not known whether it arrived'",
                       "its echo would come on the connection that is left");
    server.send_signal(SIGCONT);
    expect_connected(browser, "Ада");
    browser.expect_no_errors();
}

TEST_CASE(
    "the page takes no more than 50 messages while offline and leaves the next in the input") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    std::optional<Server> server(command_at(port));
    Browser browser;
    browser.open(origin_of(*server) + "/");
    expect_connected(browser, "User");
    record_states(browser);
    server.reset();
    expect_state(browser, "The connection broke");
    browser.evaluate(
        "(() => { for (let i = 1; i <= 51; ++i) { text.value = i; "
        "form.requestSubmit(); } })()");
    expect_bytes(
        "50|51",
        browser.evaluate("document.querySelectorAll('#unheard li').length + '|' + text.value"),
        "every queue has a bound, and nothing is lost without a word");
    expect_bytes("50 of your messages have not come back: this one stays in the input.",
                 browser.evaluate(text_in("notice")), "say so");
    browser.evaluate("document.querySelector('#unheard button').focus()");
    browser.evaluate("document.activeElement.click()");
    expect_bytes(
        "49|text",
        browser.evaluate("document.querySelectorAll('#unheard li').length + '|' + "
                         "document.activeElement.id"),
        "a message that waits can be discarded, and the focus is not lost with its button");
    server.emplace(command_at(port));
    expect_connected(browser, "User");
    browser.wait_until(text_in("unheard") + " === '' && " + kMessages + ".split('|').length === 49",
                       "sent all at once, they are not too many for the server's --rate");
}

TEST_CASE("the page says in words why the server has closed the connection") {
    if (!Browser::is_there()) return;
    Server server(kStep, {"--rate", "1", "--max-text", "10"});
    Browser browser;
    browser.open(origin_of(server) + "/");
    expect_connected(browser, "User");
    record_states(browser);
    say(browser, "longer than it may be");
    expect_state(browser, "The server sent us away: the message was too long (1009");
    expect_connected(browser, "User");
    browser.evaluate(
        "(() => { for (let i = 0; i < 9; ++i) { text.value = i; "
        "form.requestSubmit(); } })()");
    expect_state(browser, "The server sent us away: against its rules (1008");
    expect_connected(browser, "User");
    // A browser sends no text that is not valid: this can only be played.
    browser.evaluate("socket.dispatchEvent(new CloseEvent('close', {code: 1007}))");
    expect_state(browser, "The server sent us away: what we sent is not valid text (1007).");
    expect_connected(browser, "User");
    server.expect_clean_end();
    expect_state(browser, "The server is going away (1001");
    expect_state(browser, "No connection. A page is not told why");
}

TEST_SUITE_END();
