// The page of 07_longpoll in a real browser: when requests fail, and the server goes and comes.
#include <doctest/doctest.h>

#include <csignal>
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

void expect_messages(Browser& browser, const std::string& messages, const std::string& hint,
                     Place place = Place::here()) {
    browser.wait_until(kMessages + " === `" + messages + "`", hint, place);
}

// Opens the page, which then has a request parked.
void open(Browser& browser, const Server& server, Place place = Place::here()) {
    browser.open(origin_of(server) + "/", place);
    browser.wait_until(text_in("state") + " === 'A request waits at the server.'",
                       "the page asks for news by itself", place);
}

// The command of a server that ends and comes back at the same port.
std::vector<std::string> command_at(const std::string& port) {
    return {path_of(kStep), "server", "--port", port};
}

// The page's fetch() does what the server is asked, but `condition`, in which `method` and `count`,
// of the requests of this method so far, stand, decides which answers are lost on their way.
void lose_answers(Browser& browser, const std::string& condition) {
    browser.evaluate(
        "(window.counts = {}, window.really = window.fetch, window.fetch = async (target, options) "
        "=> { const method = options?.method ?? 'GET'; const count = counts[method] = "
        "(counts[method] ?? 0) + 1; const answer = await really(target, options); if (" +
        condition + ") throw new TypeError('lost on its way'); return answer; }, 0)");
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("a page whose POST is answered in vain posts again and the message is there once") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser one;
    Browser other;
    for (Browser* const page : {&one, &other}) open(*page, server);
    lose_answers(one, "method === 'POST' && count <= 2");
    say(one, "once");
    one.wait_until("counts.POST >= 3", "a page without an answer tries again");
    say(one, "and more");
    for (Browser* const page : {&one, &other})
        expect_messages(*page, "User: once|User: and more", "the same key: so it is said once");
    one.wait_until(text_in("unheard") + " === ''", "a message that has come back waits no more");
}

TEST_CASE("a page that loses an answer asks again and misses nothing") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    browser.evaluate("Math.random = () => 1");
    lose_answers(browser, "method === 'GET' && count % 2");
    Caller caller(server);
    // The answer that brings this is none of ours to lose: it was asked for before.
    for (const std::string text : {"one", "two", "three"}) caller.post(text);
    expect_messages(browser, "User: one|User: two|User: three", "each once, in the end");
}

TEST_CASE("pages come back after the server and each line typed meanwhile is said once") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    std::optional<Server> server(command_at(port));
    Browser one;
    Browser other;
    for (Browser* const page : {&one, &other}) open(*page, *server);
    say(one, "before");
    for (Browser* const page : {&one, &other}) expect_messages(*page, "User: before", "at once");
    server->send_signal(SIGKILL);
    for (Browser* const page : {&one, &other}) {
        page->wait_until(text_in("state") + ".startsWith('No connection.')",
                         "say that the server is not there");
        page->wait_until(text_in("countdown") + ".startsWith('Next try in ')",
                         "and when the page tries again");
    }
    say(one, "meanwhile");
    one.wait_until(joined_texts_of("#unheard .mark") + " === 'waiting for the connection'",
                   "a message that cannot be posted is kept and shown so");
    type_into(one, "text", "draft");
    one.save_screenshot("07-offline");
    server.emplace(command_at(port));
    for (Browser* const page : {&one, &other}) {
        expect_messages(*page, "User: before|User: meanwhile", "posted when there is a server");
        page->wait_until(joined_texts_of("#messages .note") +
                             " === 'The server has restarted, and its numbering too.'",
                         "another epoch: say so, and start over");
    }
    expect_bytes("draft", one.evaluate("document.getElementById('text').value"),
                 "a text that is being typed stays");
    one.press("Enter");
    for (Browser* const page : {&one, &other})
        expect_messages(*page, "User: before|User: meanwhile|User: draft", "each message once");
}

TEST_CASE("a page that is refused says why") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    // Longer than the input allows by hand.
    browser.evaluate("document.getElementById('name').value = 'x'.repeat(33)");
    say(browser, "hello");
    browser.wait_until(joined_texts_of("#unheard .mark") + ".startsWith('refused: ')",
                       "the server says why, in one line");
    browser.evaluate("document.getElementById('name').value = 'Ada'");
    browser.evaluate("document.querySelector('#unheard button').click()");
    expect_messages(browser, "Ada: hello", "sent again, under another name");
}

TEST_CASE("a page does not ask again and again where each answer has another epoch") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    browser.evaluate(
        "(window.asked = [], window.fetch = async () => { asked.push(performance.now()); return "
        "new "
        "Response(JSON.stringify({messages: [], last: 0, gap: false, epoch: `e${asked.length}`})); "
        "}, current.abort('switched'), 0)");
    browser.wait_until("asked.length >= 5", "the page goes on asking");
    // 0.1 s after the first answer; then at least 0.25 s, 0.5 s and 1 s.
    const double passed = std::stod(browser.evaluate("asked[4] - asked[0]"));
    CHECK_MESSAGE(passed >= 1700, "many servers at one address are trouble: ", passed, " ms");
}

TEST_CASE("a page takes no interval that is a flood or none at all") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    const auto interval = [&](const std::string& text) {
        return browser.evaluate("(document.getElementById('interval').value = '" + text +
                                "', interval())");
    };
    expect_bytes("3600000", interval("3000000000"), "setTimeout would take it for 1 ms");
    expect_bytes("3600000", interval("1e300"), "an hour is the longest");
    expect_bytes("50", interval("0"), "50 ms are the shortest");
    expect_bytes("50", interval("-5"), "50 ms are the shortest");
    expect_bytes("1000", interval(""), "what is no number is the default");
}

TEST_CASE("a page posts a refused message again and waits longer each time") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    open(browser, server);
    browser.evaluate(
        "(window.posts = [], window.really = window.fetch, window.fetch = (target, options) => { "
        "if (options?.method !== 'POST' || posts.push(performance.now()) > 3) return "
        "really(target, options); return Promise.resolve(new Response('later', {status: 502})); }, "
        "0)");
    say(browser, "once");
    expect_messages(browser, "User: once", "502 can pass, and a post has a key");
    const double passed = std::stod(browser.evaluate("posts[3] - posts[0]"));
    CHECK_MESSAGE(passed >= 1700, "at least 0.25 s, 0.5 s and 1 s: ", passed, " ms");
}

TEST_SUITE_END();
