// The page of 04_handshake in a real browser.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/browser.hpp"
#include "tests/support/program.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

std::string address_of(const Server& server) {
    return "http://127.0.0.1:" + server.port() + "/";
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("the page sends a message and shows its echo and its frames without an error") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.resize(1000, 900, false);
    browser.open(address_of(server));
    browser.wait_until("document.activeElement.id === 'text'",
                       "the WebSocket opens, and the input takes what is typed");
    browser.type("Привіт 👋");
    browser.press("Enter");
    browser.wait_until("document.querySelectorAll('#frames li').length === 2",
                       "one frame from the browser, one from the server");
    expect_bytes("sentПривіт 👋|echoПривіт 👋",
                 browser.evaluate("[...document.querySelectorAll('#messages li')].map(item => "
                                  "item.textContent).join('|')"),
                 "what was sent and what came back");
    const std::string masked = browser.evaluate(
        "[...document.querySelectorAll('#frames li:first-child .bytes')].map(field => "
        "field.title).join('|')");
    expect_bytes("FIN, opcode|MASK, length|masking key|payload", masked,
                 "the fields of a masked frame");
    // Unmasked, the payload is the UTF-8 of the text.
    expect_bytes("81|11|d0 9f d1 80 d0 b8 d0 b2 d1 96 d1 82 20 f0 9f 91 8b",
                 browser.evaluate("[...document.querySelectorAll('#frames li:last-child "
                                  ".bytes')].map(field => field.textContent).join('|')"),
                 "the bytes of the server's frame");
    browser.expect_no_errors();
    browser.save_screenshot("04-light");
    browser.resize(375, 800, true);
    browser.save_screenshot("04-dark-phone");
}

TEST_CASE("the page shows what was typed as text and never as HTML") {
    if (!Browser::is_there()) return;
    const Server server(kStep);
    Browser browser;
    browser.open(address_of(server));
    browser.wait_until("document.activeElement.id === 'text'", "the WebSocket opens");
    browser.type("<img src=x onerror=alert(1)>");
    browser.press("Enter");
    browser.wait_until("document.querySelectorAll('#messages li').length === 2", "the echo comes");
    expect_bytes("0", browser.evaluate("document.querySelectorAll('#messages img').length"),
                 "set textContent, not innerHTML");
    browser.expect_no_errors();
}

TEST_CASE("the page says why the server has left") {
    if (!Browser::is_there()) return;
    Server server(kStep);
    Browser browser;
    browser.open(address_of(server));
    browser.wait_until("document.activeElement.id === 'text'", "the WebSocket opens");
    server.expect_clean_end();
    browser.wait_until("document.getElementById('state').textContent.startsWith('closed: 1001')",
                       "SIGTERM: a close frame with code 1001 for every client");
    browser.wait_until("document.getElementById('send').disabled", "nothing can be sent any more");
    browser.expect_no_errors();
}

TEST_SUITE_END();
