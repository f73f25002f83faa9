// The chat in the terminal: one loop for the connection, one thread for the input.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <deque>
#include <iostream>
#include <stdexcept>

#include "05_ws_chat/input_reader.hpp"
#include "05_ws_chat/link.hpp"
#include "05_ws_chat/own_messages.hpp"
#include "05_ws_chat/programs.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/http/target.hpp"
#include "common/name.hpp"
#include "common/output.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"

namespace ws_chat {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The path and query of `url`, and behind them ?name= and &token=, percent-encoded; empty ones are
// left out (RFC 3986, section 3.4).
std::string target_of(const lab::Url& url, const std::string& name, const std::string& token) {
    std::string target = url.target;
    const auto add = [&](const std::string& key, const std::string& value) {
        if (value.empty()) return;
        target += target.find('?') == std::string::npos ? '?' : '&';
        target += key + "=" + http::percent_encode(value);
    };
    add("name", name);
    add("token", token);
    return target;
}

// How long to wait, after the last line, for what was said to come back.
constexpr auto kGoodbye = 2s;
// How long to wait, when the pace allows no message, before asking it again.
constexpr auto kPause = 20ms;

/// The client. All of it belongs to the thread that calls run(); the input's thread only wakes it.
class Client : public LinkUser {
 public:
    explicit Client(const ClientOptions& options);
    bool run();

    void opened() override;
    void refused(const LinkRefusal& refusal) override;
    void lost(const std::string& why) override;
    void received(const std::string& message) override;
    void can_send() override;
    void woken() override;

 private:
    void connect() { link_.connect(); }
    void try_again_later(const std::string& why, std::chrono::milliseconds asked);
    void say(const std::string& line);
    void doubt(const std::deque<std::string>& messages);
    void leave();
    void close();
    void ask_to_send() { link_.ask_to_send(); }
    void complain(const std::string& what);

    const ClientOptions options_;
    const lab::Url url_;
    const std::string server_ = lab::authority_of(url_);
    OwnMessages own_;
    Link link_;
    bool was_open_ = false;  // there was a connection before
    lab::Backoff backoff_;
    Timer<Client> retry_{{}, this, &Client::connect};
    Timer<Client> pause_{{}, this, &Client::ask_to_send};
    Timer<Client> goodbye_{{}, this, &Client::close};
    bool leaving_ = false;     // the input has ended
    bool closing_ = false;     // we wait for nothing any more
    bool done_ = false;        // and all is over
    bool complained_ = false;  // something was not done
    const bool terminal_ = isatty(STDOUT_FILENO) != 0;
    InputReader input_;
};

Client::Client(const ClientOptions& options)
    : options_(options),
      url_(lab::parse_url(options.url, "ws")),
      own_(options.name.empty() ? kDefaultName : options.name, Clock::now()),
      link_({.url = url_,
             .target = target_of(url_, options.name, options.token),
             .authorities = options.authorities,
             .timeout = options.timeout},
            *this),
      input_([this] { link_.wake(); }) {
}

// Returns whether all that was said has been heard.
bool Client::run() {
    connect();
    while (!done_) link_.serve();
    return !complained_ && !input_.failed();
}

void Client::complain(const std::string& what) {
    complained_ = true;
    lab::log(what);
}

void Client::opened() {
    if (was_open_) {
        lab::log("connected again to " + server_);
    } else if (isatty(STDIN_FILENO)) {
        lab::log("connected to " + server_ + ": each line is a message, `exit` leaves");
    }
    was_open_ = true;
    backoff_.succeeded(Clock::now());
    ask_to_send();
}

// A server that refuses us for what we are will do so again; for what it is, perhaps not.
void Client::refused(const LinkRefusal& refusal) {
    const std::string why = server_ + ": refused: " + std::to_string(refusal.status) +
                            (refusal.reason.empty() ? "" : ", " + refusal.reason);
    if (!http::can_pass(static_cast<int>(refusal.status))) throw std::runtime_error(why);
    try_again_later(why, refusal.retry_after);
}

void Client::lost(const std::string& why) {
    done_ = closing_;
    doubt(own_.give_up());
    if (!done_) try_again_later(why, {});
}

// Only a client that was connected once knows that there is something to come back to.
void Client::try_again_later(const std::string& why, std::chrono::milliseconds asked) {
    // The end of the input may have come while the connection broke, and nobody have seen it yet.
    if (!was_open_ || leaving_ || input_.ended()) throw std::runtime_error(why);
    const auto wait = backoff_.next(Clock::now(), asked);
    lab::log(why + "; next try in " + std::to_string(wait.count()) + " ms");
    retry_.schedule(link_.context(), wait);
}

void Client::can_send() {
    if (closing_) return link_.close();
    if (!input_.has_line()) {
        if (input_.ended() && !leaving_) leave();
    } else if (own_.may_say_one(Clock::now())) {
        say(*input_.next());
        ask_to_send();
    } else {
        pause_.schedule(link_.context(), kPause);
    }
}

void Client::say(const std::string& line) {
    if (!lab::is_utf8(line))
        return complain("not UTF-8, and so no text: not sent: " + lab::visible(line));
    // First, so that a line that fails to leave counts as one that may be lost.
    own_.said(line);
    link_.send(line);
    options_.trace.sent(server_, line);
}

// These do not come back.
void Client::doubt(const std::deque<std::string>& messages) {
    for (const std::string& message : messages)
        complain("not known whether it was said: " + lab::visible(message, 200));
}

// The input has ended. Our own messages have to come back first, but nobody waits for ever.
void Client::leave() {
    leaving_ = true;
    goodbye_.schedule(link_.context(), own_.all_heard() ? 0ms : kGoodbye);
}

void Client::close() {
    doubt(own_.give_up());
    closing_ = true;
    ask_to_send();
}

void Client::received(const std::string& message) {
    backoff_.brought_news();
    options_.trace.received(server_, message);
    // Every message of the chat begins with a name: a message without one is a notice of the
    // server.
    if (message.starts_with(": ")) {
        own_.may_be_lost();
        return lab::log(server_ + message);
    }
    std::cout << lab::spoken(message, terminal_) << '\n';
    lab::flush_output();
    doubt(own_.heard(message));
    if (leaving_ && own_.all_heard()) close();
}

void Client::woken() {
    input_.check_output();
    ask_to_send();
    // Without a connection there is nothing to wait for at the end of the input.
    if (!link_.is_open() && was_open_ && input_.ended())
        throw std::runtime_error("the connection is lost");
}

}  // namespace

bool run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    lws_set_log_level(0, nullptr);
    return Client(options).run();
}

}  // namespace ws_chat
