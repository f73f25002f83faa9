// The page of 05_ws_chat and the course notes' pages in a real browser: who may enter.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/05_ws_chat/support/certificate.hpp"
#include "tests/05_ws_chat/support/page.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::chat_page;

TEST_SUITE_BEGIN("full");

TEST_CASE("a page of another origin is refused unless it is allowed") {
    if (!Browser::is_there()) return;
    // Another port is another origin.
    const Server foreign(kStep);
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

TEST_SUITE_END();
TEST_SUITE_BEGIN("own");

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
    browser.wait_until(text_in("state") +
                           ".startsWith('No connection. A page is not told why: ') "
                           "&& " +
                           kCountdown + ".startsWith('Next try in ')",
                       "a script sees no status of a refusal, so it cannot name the cause");
}

TEST_CASE("the page and the chat work over TLS") {
    if (!Browser::is_there()) return;
    const Certificate own;
    if (!own.made()) return skip("openssl", "openssl");
    const Server server(kStep, {"--cert", own.file(), "--key", own.key()});
    // Nobody vouches for a certificate that one made oneself.
    Browser browser({"--ignore-certificate-errors"});
    browser.open("https://127.0.0.1:" + server.port() + "/");
    expect_connected(browser, "User");
    say(browser, "Привіт 🔒");
    expect_messages(browser, "User: Привіт 🔒", "everyone gets `name: text`");
    browser.expect_no_errors();
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

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
                         "a member without a name is User");
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
