// The page of 05_ws_chat in a real browser, by the ids of its elements, and the page of the course
// notes.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";
const std::string kCountdown = "document.getElementById('countdown').textContent";

std::string origin_of(const Server& server) {
    return "http://127.0.0.1:" + server.port();
}

// For a server that ends and comes back where it was.
std::vector<std::string> command_at(const std::string& port) {
    return {path_of(kStep), "server", "--port", port};
}

std::string text_of(const std::string& id) {
    return "document.getElementById('" + id + "').textContent";
}

std::string joined_texts_of(const std::string& selector) {
    return "[...document.querySelectorAll('" + selector +
           "')].map(item => item.textContent).join('|')";
}

// All messages but the page's own remarks.
const std::string kMessages = joined_texts_of("#messages .text:not(.note)");

void expect_connected(Browser& browser, const std::string& name, Place place = Place::here()) {
    browser.wait_until(text_of("state") + " === 'Connected as " + name + ".'",
                       "the page connects to /ws by itself and says so", place);
}

void expect_messages(Browser& browser, const std::string& messages, const std::string& hint,
                     Place place = Place::here()) {
    browser.wait_until(kMessages + " === '" + messages + "'", hint, place);
}

void type_into(Browser& browser, const std::string& id, const std::string& text,
               Place place = Place::here()) {
    browser.evaluate("document.getElementById('" + id + "').focus()", place);
    browser.type(text, place);
}

void say(Browser& browser, const std::string& text, Place place = Place::here()) {
    type_into(browser, "text", text, place);
    browser.press("Enter", place);
}

// Opens the page and connects under `name`.
void enter(Browser& browser, const Server& server, const std::string& name,
           Place place = Place::here()) {
    browser.open(origin_of(server) + "/", place);
    expect_connected(browser, "User", place);
    type_into(browser, "name", name, place);
    browser.press("Enter", place);
    expect_connected(browser, name, place);
}

// From now on the page's waits are shortened by `part` of a half, not by a random one.
void set_random(Browser& browser, const std::string& part) {
    browser.evaluate("Math.random = () => " + part);
}

// Has the page try, in vain, until the next wait is of so many seconds.
void lengthen_wait(Browser& browser, const std::string& seconds, Place place = Place::here()) {
    browser.wait_until("(" + kCountdown + " === 'Next try in " + seconds +
                           " s.' || (now.disabled || now.click(), false))",
                       "each try that fails doubles the wait", place);
}

// What the countdown says first when the next wait begins.
const std::string kNextWait =
    "new Promise(resolve => new MutationObserver(() => countdown.textContent.startsWith('Next') && "
    "resolve(countdown.textContent)).observe(countdown, {childList: true}))";

// Keeps all that the state says: a state may be gone before we look.
void record_states(Browser& browser) {
    browser.evaluate(
        "(window.states = [], new MutationObserver(() => states.push(state.textContent))"
        ".observe(state, {childList: true}))");
}

void expect_state(Browser& browser, const std::string& beginning, Place place = Place::here()) {
    browser.wait_until("states.some(words => words.startsWith('" + beginning + "'))",
                       "the page says in words why the connection ended", place);
}

// What becomes of a WebSocket that a script of the page opens to `server`.
std::string try_to_connect(Browser& browser, const Server& server) {
    return browser.evaluate(
        "new Promise(resolve => { const tried = new WebSocket('ws://127.0.0.1:" + server.port() +
        "/ws'); tried.onopen = () => resolve('open'); tried.onclose = () => resolve('closed'); })");
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_SUITE_BEGIN("full");

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
        page->wait_until(text_of("unheard") + " === ''", "what has come back waits no more");
        page->expect_no_errors();
    }
    one.save_screenshot("05-light");
    one.resize(1000, 900, true);
    one.save_screenshot("05-dark");
    one.resize(375, 800, true);
    one.save_screenshot("05-dark-phone");
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
    enter(one, server, "<b>Ада</b>");
    say(one, "<img src=x onerror=\"window.fired = 1\">");
    for (Browser* const page : {&one, &other}) {
        expect_messages(*page, "<b>Ада</b>: <img src=x onerror=\"window.fired = 1\">",
                        "the text as it was said");
        expect_bytes("0", page->evaluate("document.querySelectorAll('li img, li b').length"),
                     "set textContent, not innerHTML");
        expect_bytes("undefined", page->evaluate("window.fired"), "no script may run");
        page->expect_no_errors();
    }
}

TEST_CASE("the page takes another name by connecting anew and remembers it") {
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
        "scroll to what is new");
    browser.save_screenshot("05-many");
    // Who has scrolled up to read is left there.
    browser.evaluate("talk.scrollTop = -300");
    browser.evaluate(
        "(window.read = [...messages.children].find(item => item.textContent.endsWith('590')), "
        "window.before = read.getBoundingClientRect().top)");
    browser.evaluate("raw.send('new')");
    browser.wait_until("messages.lastElementChild.textContent.endsWith('raw: new')", "it is shown");
    expect_bytes("true",
                 browser.evaluate("Math.abs(read.getBoundingClientRect().top - before) < 2"),
                 "what somebody reads must not move away");
    browser.expect_no_errors();
}

TEST_CASE("the page can be used by the keyboard alone and tells a screen reader what is new") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.open(origin_of(server) + "/");
    browser.wait_until("document.activeElement.id === 'text'", "one can type at once");
    const std::string focus =
        "(document.activeElement.id || document.activeElement.textContent.trim() || "
        "document.activeElement.getAttribute('aria-label'))";
    browser.evaluate("document.getElementById('name').focus()");
    std::string order = "name";
    for (int i = 0; i < 5; ++i) {
        browser.press("Tab");
        order += '|';
        order += browser.evaluate(focus);
    }
    expect_bytes("name|talk|text|Send|On the wire|On the wire", order,
                 "the Tab key goes to everything, from top to bottom");
    type_into(browser, "name", "Ада");
    browser.press("Enter");
    expect_bytes("text", browser.evaluate(focus), "after the name comes the message");
    expect_connected(browser, "Ада");
    expect_bytes("log|status|status",
                 browser.evaluate("['messages', 'state', 'notice'].map(id => "
                                  "document.getElementById(id).getAttribute('role')).join('|')"),
                 "roles whose changes a screen reader reads out");
    expect_bytes("Your name|Message",
                 browser.evaluate("[...document.querySelectorAll('input')].map(input => "
                                  "input.labels[0].textContent).join('|')"),
                 "each input has a label");
    browser.expect_no_errors();
}

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
                   "what cannot be sent is kept and shown so");
    type_into(one, "text", "чернетка");
    // The other shall be there first, or it would miss the message: so this one gets a longer wait.
    lengthen_wait(one, "4");
    one.save_screenshot("05-offline");
    one.resize(375, 800, false);
    one.save_screenshot("05-offline-phone");
    server.emplace(command_at(port));
    expect_connected(other, "Боб");
    expect_connected(one, "Ада");
    for (Browser* const page : {&one, &other})
        expect_messages(*page, "Ада: поки нікого", "sent when there is a connection again");
    expect_bytes("Connected again. The chat keeps no history: what was said meanwhile is not here.",
                 one.evaluate(joined_texts_of("#messages .note")),
                 "what was said meanwhile is lost: say so");
    expect_bytes("чернетка", one.evaluate("document.getElementById('text').value"),
                 "what is being typed stays");
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
    browser.wait_until(kCountdown + " === 'Next try in 15 s.'", "the time that is left is shown");
    set_random(browser, "1");
    browser.evaluate("(window.next = " + kNextWait + ", now.click())");
    expect_bytes("Next try in 8 s.", browser.evaluate("next"),
                 "each wait is shortened by a random part of up to a half");
}

TEST_CASE("the page begins with short waits again after it was connected") {
    if (!Browser::is_there()) return;
    const std::string port = free_port();
    std::optional<Server> server(command_at(port));
    Browser browser;
    browser.open(origin_of(*server) + "/");
    expect_connected(browser, "User");
    set_random(browser, "0");
    server.reset();
    lengthen_wait(browser, "8");
    server.emplace(command_at(port));
    browser.evaluate("now.click()");
    expect_connected(browser, "User");
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
    browser.wait_until(text_of("unheard") + " === '' && " + text_of("notice") + " === ''",
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
                 browser.evaluate(text_of("notice")), "say so");
    browser.evaluate("document.querySelector('#unheard button').focus()");
    browser.evaluate("document.activeElement.click()");
    expect_bytes(
        "49|text",
        browser.evaluate("document.querySelectorAll('#unheard li').length + '|' + "
                         "document.activeElement.id"),
        "a message that waits can be discarded, and the focus is not lost with its button");
    server.emplace(command_at(port));
    expect_connected(browser, "User");
    browser.wait_until(text_of("unheard") + " === '' && " + kMessages + ".split('|').length === 49",
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

TEST_CASE("a page of another origin is refused unless it is allowed") {
    if (!Browser::is_there()) return;
    const Server foreign("04_handshake");
    const Server server(kStep);
    const Server generous(kStep, {"--allow-origin", origin_of(foreign)});
    Browser browser;
    browser.ignore_security_policies();
    browser.open(origin_of(foreign) + "/");
    expect_bytes("closed", try_to_connect(browser, server),
                 "a page of somebody else must not chat for the user: answer with 403");
    expect_bytes("open", try_to_connect(browser, generous), "--allow-origin names who may");
    browser.open(origin_of(server) + "/");
    expect_bytes("open", try_to_connect(browser, server), "the server's own page may connect");
}

TEST_CASE("the page hands on the token of its address and says honestly when it cannot connect") {
    if (!Browser::is_there()) return;
    const Server server(kStep, {"--token", "ключ&+1"});
    Browser browser;
    browser.open(origin_of(server) + "/?token=" + "%D0%BA%D0%BB%D1%8E%D1%87%26%2B1");
    expect_connected(browser, "User");
    say(browser, "x");
    expect_messages(browser, "User: x", "the token opens the chat");
    expect_bytes("false", browser.evaluate("document.body.textContent.includes('ключ&')"),
                 "a secret is not shown");
    browser.open(origin_of(server) + "/");
    browser.wait_until(text_of("state") +
                           ".startsWith('No connection. A page is not told why: ') "
                           "&& " +
                           kCountdown + ".startsWith('Next try in ')",
                       "a script sees no status of a refusal, so it cannot name the cause");
}

TEST_CASE("the page and the chat work over TLS") {
    if (!Browser::is_there()) return;
    if (std::system("command -v openssl >/dev/null") != 0) return skip("the command openssl");
    const ScratchDirectory directory;
    const std::string certificate = directory.file("certificate.pem");
    const std::string key = directory.file("key.pem");
    const std::string make =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost "
        "-out " +
        certificate + " -keyout " + key + " 2>/dev/null";
    REQUIRE(std::system(make.c_str()) == 0);
    const Server server(kStep, {"--cert", certificate, "--key", key});
    // Nobody vouches for a certificate that one made oneself.
    Browser browser({"--ignore-certificate-errors"});
    browser.open("https://127.0.0.1:" + server.port() + "/");
    expect_connected(browser, "User");
    say(browser, "Привіт 🔒");
    expect_messages(browser, "User: Привіт 🔒", "everyone gets `name: text`");
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
    expect_bytes("true",
                 browser.evaluate("[document.documentElement, ...document.querySelectorAll("
                                  "'.scrolls')].every(box => box.scrollWidth <= box.clientWidth)"),
                 "nothing is wider than the phone: overflow-wrap");
    browser.save_screenshot("05-phone-long");
    browser.expect_no_errors();
}

TEST_CASE("the course notes' pages hear each other") {
    if (!Browser::is_there()) return;
    // Opened from a file, a page's origin is null.
    const Server server(kStep, {"--allow-origin", "null"});
    const ScratchDirectory directory;
    write(directory.file("chat_page.html"), course_notes_text("chat_page.html", server.port()));
    Browser one;
    Browser other;
    for (Browser* const page : {&one, &other}) {
        page->open("file://" + directory.file("chat_page.html"));
        page->wait_until("socket.readyState === WebSocket.OPEN", "--allow-origin null lets it in");
    }
    type_into(one, "messageInput", "Привіт 👋");
    one.evaluate("document.querySelector('button').click()");
    for (Browser* const page : {&one, &other}) {
        page->wait_until(joined_texts_of("#messages li") + " === 'User: Привіт 👋'",
                         "who gives no name is User");
        page->expect_no_errors();
    }
}

TEST_CASE("the course notes' script connects and sends and hears itself and the end") {
    if (!Browser::is_there()) return;
    Server server(kStep, {"--allow-origin", "null"});
    const ScratchDirectory directory;
    write(directory.file("chat_script.js"), course_notes_text("chat_script.js", server.port()));
    write(directory.file("page.html"),
          "<meta charset=utf-8><script>const heard = []; console.log = (...words) => "
          "heard.push(words.join(' '));</script><script src=chat_script.js></script>");
    Browser browser;
    browser.open("file://" + directory.file("page.html"));
    const std::string connected =
        "З'єднання встановлено|Отримано повідомлення: User: Привіт, сервере!";
    browser.wait_until("heard.join('|') === `" + connected + "`", "the sender gets it too");
    server.expect_clean_end();
    browser.wait_until("heard.join('|') === `" + connected + "|З'єднання закрито`",
                       "SIGTERM: a close frame with code 1001 for every client");
    browser.expect_no_errors();
}

TEST_SUITE_END();
