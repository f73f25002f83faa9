// The page of a capture, looked at with Chromium.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "04_handshake/handshake.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/wire/support/talk.hpp"
#include "wire/report/html.hpp"

using namespace lab::test;

namespace {

// A handshake, a masked frame and the close, of four clients: as many lines as fit on a phone.
wire::Recording recording() {
    wire::Recording recording(500);
    const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    const std::string accept =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    const auto messages =
        messages_in({{kClient, websocket::handshake_request("127.0.0.1:8004", "/chat", key)},
                     {kServer, accept + std::string("\x81\x02\xd0\x9f", 4)},
                     {kClient, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"}});
    const std::string localhost("\x7F\0\0\1", 4);
    for (std::uint16_t number = 1; number <= 4; ++number) {
        recording.add(
            wire::Connection{number, wire::Protocol::udp, {localhost, number}, {localhost, 8004}});
        for (wire::Message message : messages) {
            message.connection = number;
            recording.add(message);
        }
    }
    recording.finish();
    return recording;
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("the page of a capture fits on a phone, is read in the dark, and can be searched") {
    if (!Browser::is_there()) return;
    const ScratchDirectory directory;
    const std::string name = directory.file("page.html");
    std::ofstream(name) << wire::html(recording(), "test.pcapng", {});
    Browser browser;
    for (const bool dark : {false, true}) {
        for (const int width : {390, 1000}) {
            browser.resize(width, 1400, dark);
            browser.open("file://" + name);
            CHECK(browser.evaluate("document.documentElement.scrollWidth <= " +
                                   std::to_string(width)) == "true");
            browser.save_screenshot("wire-" + std::to_string(width) + (dark ? "-dark" : "-light"));
        }
    }
    CHECK(browser.evaluate("document.querySelectorAll('article').length") == "16");
    browser.evaluate("document.querySelector('input').focus()");
    browser.type("Hello");
    CHECK(browser.evaluate("document.querySelectorAll('article:not([hidden])').length") == "4");
    browser.press("Tab");
    CHECK(browser.evaluate("document.activeElement.getAttribute('href')") == "#m4");
    browser.expect_no_errors();
}

TEST_SUITE_END();
