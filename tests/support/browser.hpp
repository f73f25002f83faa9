// A browser that tests drive: Chromium without a window, by the DevTools protocol, which runs over
// the lab's own WebSocket.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "04_handshake/client_connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"
#include "tests/support/scratch_directory.hpp"

namespace lab::test {

/// The name of Chromium on this machine, in PATH; empty if it cannot be run. A file of that name
/// may be no more than a hint at a package (Ubuntu), so each is asked for its version.
std::string name_of_chromium();

/// A running Chromium with one page. Each member waits at most kDeadline and fails the case after
/// that. Ends when it goes out of scope. One thread. Source: the DevTools protocol 1.3,
/// https://chromedevtools.github.io/devtools-protocol/.
class Browser {
 public:
    /// Whether there is a Chromium on this machine; if not, says that the case is skipped.
    static bool is_there();

    /// `options` go to Chromium besides its own: "--ignore-certificate-errors".
    explicit Browser(const std::vector<std::string>& options = {}, Place place = Place::here());

    /// Loads `url`, and waits until it and all that it names are loaded.
    void open(const std::string& url, Place place = Place::here());
    /// The value of the JavaScript `expression` as text; of a promise, what it resolves to.
    std::string evaluate(const std::string& expression, Place place = Place::here());
    /// Waits until the JavaScript `condition` is true.
    void wait_until(const std::string& condition, const std::string& hint,
                    Place place = Place::here());

    /// Types `text` into what has the focus, as a keyboard would.
    void type(const std::string& text, Place place = Place::here());
    /// Presses and releases the key "Enter", "Tab" or "Backspace".
    void press(const std::string& key, Place place = Place::here());

    /// Has the pages that are opened from now on do what their Content-Security-Policy forbids:
    /// they stand for pages of somebody who has none.
    void ignore_security_policies(Place place = Place::here());

    /// Fails the case if the page threw an exception, or the console shows an error.
    void expect_no_errors(Place place = Place::here());

    /// Shows the page as on a screen of `width` points, or a phone's, in the dark scheme or not.
    void resize(int width, int height, bool dark, Place place = Place::here());
    /// Writes what the page looks like to LAB_SCREENSHOTS/`name`.png, if that variable names a
    /// directory: for people to look at.
    void save_screenshot(const std::string& name, Place place = Place::here());

 private:
    std::string call(const std::string& method, const std::string& parameters, Place place);
    std::string receive(const std::string& what, Place place);

    ScratchDirectory scratch_;
    Program chromium_;
    std::unique_ptr<websocket::ClientConnection> connection_;
    int last_id_ = 0;
    std::string session_;              // the DevTools session of the page
    std::vector<std::string> events_;  // what came unasked, as JSON
};

}  // namespace lab::test
