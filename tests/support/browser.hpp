// A page that tests drive: in Chromium without a window, by the DevTools protocol, which runs over
// the lab's own WebSocket.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "04_handshake/client_connection.hpp"
#include "tests/support/chromium.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// A page of Chromium, with cookies and storage of its own. Each member waits at most kDeadline and
/// fails the case after that. Ends when it goes out of scope. One thread. Source: the DevTools
/// protocol 1.3, https://chromedevtools.github.io/devtools-protocol/.
class Browser {
 public:
    /// Whether there is a Chromium on this machine; if not, says that the case is skipped.
    static bool is_there();

    /// In the Chromium of the suite, or one that this case has started. `options` are for one of
    /// its own, besides those that each has: "--ignore-certificate-errors". Throws
    /// std::runtime_error if none starts.
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
    void connect(const std::vector<std::string>& options);
    std::string call(const std::string& method, const std::string& parameters, Place place);
    std::string receive(const std::string& what, Place place);

    std::shared_ptr<Chromium> chromium_;  // null if it is the suite's
    std::unique_ptr<websocket::ClientConnection> connection_;
    int last_id_ = 0;
    std::string session_;              // the DevTools session of the page
    std::vector<std::string> events_;  // what came unasked, as JSON
};

}  // namespace lab::test
