#include "tests/support/browser.hpp"

#include <libwebsockets.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/support/connection.hpp"
#include "tests/support/patience.hpp"

namespace lab::test {
namespace {

constexpr std::size_t kMaxAnswer = 64 * 1024 * 1024;

// `text` as a JSON string. lws_json_purify() would take each byte of UTF-8 for a character.
std::string json_string(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') json += '\\';
        if (static_cast<unsigned char>(c) < ' ') {
            std::array<char, 7> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\u%04x", c);
            json += escaped.data();
        } else {
            json += c;
        }
    }
    return json + '"';
}

// The string that follows `"key":"` in `json`; one without escapes. Empty if there is none.
std::string value_of(const std::string& key, const std::string& json) {
    const std::string before = "\"" + key + "\":\"";
    const std::size_t found = json.find(before);
    if (found == std::string::npos) return "";
    const std::size_t begin = found + before.size();
    return json.substr(begin, json.find('"', begin) - begin);
}

// Undoes JavaScript's encodeURIComponent().
std::string percent_decoded(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            bytes += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            bytes += text[i];
        }
    }
    return bytes;
}

}  // namespace

bool Browser::is_there() {
    if (std::getenv(kSharedChromium) || !name_of_chromium().empty()) return true;
    skip("Chromium", "chromium");
    return false;
}

Browser::Browser(const std::vector<std::string>& options, Place place) {
    connect(options);
    // Cookies and storage are the page's own: those of another page are not there.
    const std::string context =
        value_of("browserContextId",
                 call("Target.createBrowserContext", R"({"disposeOnDetach":true})", place));
    // In a window behind another one, timers would be slow.
    const std::string page =
        value_of("targetId", call("Target.createTarget",
                                  R"({"url":"about:blank","newWindow":true,"browserContextId":)" +
                                      json_string(context) + "}",
                                  place));
    session_ = value_of("sessionId",
                        call("Target.attachToTarget",
                             R"({"flatten":true,"targetId":)" + json_string(page) + "}", place));
    for (const char* const domain : {"Page", "Runtime", "Log"})
        call(std::string(domain) + ".enable", "{}", place);
}

// Without options, to the Chromium of the suite, or to that of another page of this case. Else
// starts one.
void Browser::connect(const std::vector<std::string>& options) {
    static std::weak_ptr<Chromium> last;
    const auto to = [&](const std::string& url) {
        connection_ =
            std::make_unique<websocket::ClientConnection>(url, kMaxAnswer, lab::Trace(false));
    };
    const char* const shared = std::getenv(kSharedChromium);
    try {
        if (shared && options.empty()) return to(shared);
    } catch (const std::runtime_error&) {
        // It has ended: this case need not fail for that.
    }
    if (options.empty()) chromium_ = last.lock();
    if (!chromium_) chromium_ = std::make_shared<Chromium>(options);
    if (options.empty()) last = chromium_;
    to(chromium_->url());
}

// Calls a method of the protocol. Returns its answer, as JSON; events that come before it are kept.
std::string Browser::call(const std::string& method, const std::string& parameters, Place place) {
    const std::string id = std::to_string(++last_id_);
    const std::string session = session_.empty() ? "" : R"(,"sessionId":)" + json_string(session_);
    connection_->send(websocket::Opcode::text, R"({"id":)" + id + R"(,"method":)" +
                                                   json_string(method) + R"(,"params":)" +
                                                   parameters + session + "}");
    for (;;) {
        std::string answer = receive("the answer to " + method, place);
        if (answer.starts_with(R"({"id":)" + id + ",")) {
            if (answer.find(R"("error":{)") != std::string::npos)
                fail(method + " succeeds", answer, "see the DevTools protocol", place);
            return answer;
        }
        events_.push_back(std::move(answer));
    }
}

// The next message, an answer or an event.
std::string Browser::receive(const std::string& what, Place place) {
    for (;;) {
        if (connection_->has_outgoing()) connection_->send_some();
        if (auto message = connection_->next()) return std::move(message->payload);
        const short events = connection_->has_outgoing() ? POLLIN | POLLOUT : POLLIN;
        if (!wait_for_events(connection_->socket(), events, kDeadline))
            fail(what, all_the_time("nothing"), "does the page still respond?", place);
        if (!connection_->receive_some())
            fail(what, "the end of the connection", "did Chromium end?", place);
    }
}

void Browser::open(const std::string& url, Place place) {
    events_.clear();
    call("Page.navigate", R"({"url":)" + json_string(url) + "}", place);
    const auto is_load = [](const std::string& event) {
        return event.find("\"Page.loadEventFired\"") != std::string::npos;
    };
    while (std::ranges::none_of(events_, is_load))
        events_.push_back(receive("the page " + url, place));
}

std::string Browser::evaluate(const std::string& expression, Place place) {
    // Percent-encoded, the value has no letter that JSON would escape.
    const std::string script =
        "Promise.resolve(" + expression + ").then(value => encodeURIComponent(String(value)))";
    const std::string answer =
        call("Runtime.evaluate",
             R"({"awaitPromise":true,"expression":)" + json_string(script) + "}", place);
    if (answer.find("\"exceptionDetails\"") != std::string::npos)
        fail("the value of " + expression, answer, "the script threw an exception", place);
    return percent_decoded(value_of("value", answer));
}

void Browser::wait_until(const std::string& condition, const std::string& hint, Place place) {
    std::string seen;
    const auto look = [&](std::chrono::milliseconds span) {
        seen =
            evaluate("new Promise(resolve => { const end = performance.now() + " +
                         std::to_string(span.count()) + "; const look = () => { if (" + condition +
                         ") resolve('true'); else if (performance.now() > end) "
                         "resolve(document.body.innerText); else setTimeout(look, 10); }; "
                         "look(); })",
                     place);
        return seen == "true";
    };
    // Before evaluate() itself gives up.
    wait_patiently(look, kDeadline - kDeadline / 10);
    if (seen != "true") fail("on the page: " + condition, "the page shows: " + seen, hint, place);
}

void Browser::type(const std::string& text, Place place) {
    call("Input.insertText", R"({"text":)" + json_string(text) + "}", place);
}

void Browser::press(const std::string& key, Place place) {
    const std::string code = key == "Enter" ? "13" : key == "Tab" ? "9" : "8";
    const std::string parameters = R"(,"key":")" + key + R"(","windowsVirtualKeyCode":)" + code +
                                   (key == "Enter" ? R"(,"text":"\r"})" : "}");
    call("Input.dispatchKeyEvent", R"({"type":"keyDown")" + parameters, place);
    call("Input.dispatchKeyEvent", R"({"type":"keyUp")" + parameters, place);
}

void Browser::ignore_security_policies(Place place) {
    call("Page.setBypassCSP", R"({"enabled":true})", place);
}

void Browser::expect_no_errors(Place place) {
    // Whatever has happened until now is told before this answer.
    evaluate("0", place);
    for (const std::string& event : events_) {
        const bool exception = event.find("\"Runtime.exceptionThrown\"") != std::string::npos;
        const bool logged = event.find("\"Log.entryAdded\"") != std::string::npos ||
                            event.find("\"Runtime.consoleAPICalled\"") != std::string::npos;
        const bool error = event.find(R"("level":"error")") != std::string::npos ||
                           event.find(R"("type":"error")") != std::string::npos;
        if (exception || (logged && error))
            fail("a page without errors", event, "see the browser's console", place);
    }
}

void Browser::resize(int width, int height, bool dark, Place place) {
    call("Emulation.setDeviceMetricsOverride",
         R"({"deviceScaleFactor":1,"mobile":false,"width":)" + std::to_string(width) +
             R"(,"height":)" + std::to_string(height) + "}",
         place);
    call("Emulation.setEmulatedMedia",
         R"({"features":[{"name":"prefers-color-scheme","value":")" +
             std::string(dark ? "dark" : "light") + R"("}]})",
         place);
}

void Browser::save_screenshot(const std::string& name, Place place) {
    const char* const directory = std::getenv("LAB_SCREENSHOTS");
    if (!directory) return;
    const std::string text = value_of("data", call("Page.captureScreenshot", "{}", place));
    std::vector<char> image(text.size());
    const int size = lws_b64_decode_string_len(text.data(), static_cast<int>(text.size()),
                                               image.data(), static_cast<int>(image.size()));
    std::ofstream(std::filesystem::path(directory) / (name + ".png"), std::ios::binary)
        .write(image.data(), std::max(0, size));
}

}  // namespace lab::test
