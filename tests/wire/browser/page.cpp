// The pages of a capture, looked at with Chromium.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "04_handshake/handshake.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"
#include "tests/wire/support/capture.hpp"
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
    browser.open("file://" + name);
    for (const bool dark : {false, true}) {
        for (const int width : {390, 1000}) {
            browser.resize(width, 1400, dark);
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

TEST_CASE("the live page grows while messages come, from three speakers") {
    if (!Browser::is_there()) return;
    const ScratchDirectory directory;
    const CaptureFormat format;
    const std::string name = directory.file("live.pcap");
    std::ofstream file(name);
    std::uint64_t time = 0;
    const auto write = [&](const TestSegment& segment) {
        file << format.packet(tcp_packet(segment), time += 1'000'000) << std::flush;
    };
    file << format.begin() << std::flush;
    Server server({path_of("wire"), name, "--live", "0"});
    Browser browser;
    browser.open("http://127.0.0.1:" + server.port() + "/");
    const std::string rows = "document.querySelectorAll('#ladder li').length";
    for (const std::uint16_t port : {std::uint16_t{50000}, std::uint16_t{50001}}) {
        write({.flags = "S", .sequence = 9, .from = port});
        write({.flags = "A", .sequence = 10, .payload = "<b>evil</b>\n", .from = port});
    }
    browser.wait_until(rows + " === 4", "for the messages of two clients");
    CHECK(browser.evaluate("document.querySelectorAll('#heads li').length") == "3");
    CHECK(browser.evaluate("document.querySelectorAll('#ladder b').length") == "0");
    write({.flags = "A", .sequence = 99, .payload = "later\n", .from = 8004, .to = 50000});
    browser.wait_until(rows + " === 5", "for a message that came later");
    CHECK(browser.evaluate("document.querySelector('#ladder li:last-child bdi + bdi').textContent")
              .find("later") != std::string::npos);
    browser.save_screenshot("wire-live");
    browser.expect_no_errors();
}

TEST_SUITE_END();
