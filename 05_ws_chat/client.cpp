// The chat in the terminal. The library's loop waits for sockets only: a second thread waits for
// the input, and wakes it.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <deque>
#include <iostream>
#include <stdexcept>

#include "05_ws_chat/link.hpp"
#include "05_ws_chat/own_messages.hpp"
#include "05_ws_chat/programs.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/name.hpp"
#include "common/output.hpp"
#include "common/poll_input.hpp"
#include "common/thread.hpp"
#include "common/typed_lines.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"
#include "common/wake_pipe.hpp"

namespace ws_chat {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long to wait, after the last line, for what was said to come back.
constexpr auto kGoodbye = 2s;
// How long to wait, when the pace allows no message, before asking it again.
constexpr auto kPause = 20ms;

/// The client. All of it belongs to the thread that calls run(), but for watch().
class Client : public LinkUser {
 public:
    explicit Client(const ClientOptions& options);
    ~Client() override { end_watch(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
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
    void watch();
    void end_watch();
    void read_input();
    void read_on();
    [[nodiscard]] bool all_taken() const { return input_ended_ && !typed_.has_line(); }

    const ClientOptions options_;
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
    lab::TypedLines typed_{STDIN_FILENO};
    bool input_ended_ = false;  // by `exit`, by itself, or because it could not be read

    lab::WakePipe wake_;                // wakes the thread that watches
    std::atomic<bool> reads_ = true;    // and it waits for input
    std::atomic<bool> ending_ = false;  // and it ends
    lab::Thread watching_;
};

Client::Client(const ClientOptions& options)
    : options_(options),
      own_(options.name.empty() ? kDefaultName : options.name, Clock::now()),
      link_(options, *this),
      watching_([this] { watch(); }) {
}

// Returns whether all that was said has been heard.
bool Client::run() {
    connect();
    while (!done_) link_.serve();
    return !complained_;
}

void Client::complain(const std::string& what) {
    complained_ = true;
    lab::log(what);
}

void Client::opened() {
    if (was_open_) {
        lab::log("connected again to " + link_.server());
    } else if (isatty(STDIN_FILENO)) {
        lab::log("connected to " + link_.server() + ": each line is a message, `exit` leaves");
    }
    was_open_ = true;
    backoff_.succeeded(Clock::now());
    ask_to_send();
}

// A server that refuses us for what we are will do so again; for what it is, perhaps not.
void Client::refused(const LinkRefusal& refusal) {
    const std::string why = link_.server() + ": refused: " + std::to_string(refusal.status) +
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
    if (!was_open_ || leaving_) throw std::runtime_error(why);
    // The end of the input may have come while the connection broke, and nobody have seen it yet.
    read_input();
    if (all_taken()) throw std::runtime_error(why);
    const auto wait = backoff_.next(Clock::now(), asked);
    lab::log(why + "; next try in " + std::to_string(wait.count()) + " ms");
    retry_.schedule(link_.context(), wait);
}

void Client::can_send() {
    if (closing_) return link_.close();
    if (!typed_.has_line()) {
        if (input_ended_ && !leaving_) leave();
    } else if (own_.may_say_one(Clock::now())) {
        say(*typed_.next());
        read_on();
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
    options_.trace.sent(link_.server(), line);
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
    options_.trace.received(link_.server(), message);
    // Every message of the chat begins with a name: a message without one is a notice of the
    // server.
    if (message.starts_with(": ")) {
        own_.may_be_lost();
        return lab::log(link_.server() + message);
    }
    std::cout << lab::spoken(message, terminal_) << '\n';
    lab::flush_output();
    doubt(own_.heard(message));
    if (leaving_ && own_.all_heard()) close();
}

void Client::woken() {
    read_input();
    read_on();
    ask_to_send();
    // Without a connection there is nothing to wait for at the end of the input.
    if (!link_.is_open() && was_open_ && all_taken())
        throw std::runtime_error("the connection is lost");
}

// --- the input -----------------------------------------------------------------------------------

// In a thread of its own: wakes the library's loop when there is something to read, once, or when
// nobody reads what is printed.
void Client::watch() {
    while (!ending_) {
        std::array<pollfd, 3> ready{{{wake_.reading_end(), POLLIN, 0},
                                     {reads_ ? STDIN_FILENO : -1, POLLIN, 0},
                                     lab::output_reader()}};
        lab::poll_input(ready, -1);
        wake_.clear();
        if (ready[1].revents) reads_ = false;
        if (ready[1].revents || ready[2].revents) link_.wake();
        if (ready[2].revents) return;
    }
}

void Client::end_watch() {
    ending_ = true;
    wake_.wake();
}

// Reads what is there, unless lines still wait to be said. Throws std::system_error if nobody reads
// what is printed.
void Client::read_input() {
    if (input_ended_) return;
    // Not to wait in the library's loop, if another program has read it before us.
    std::array<pollfd, 2> ready{{{typed_.descriptor(), POLLIN, 0}, lab::output_reader()}};
    if (lab::poll_input(ready, 0) <= 0) return;
    lab::check_output_reader(ready[1]);
    if (!ready[0].revents || typed_.has_line()) return;
    try {
        typed_.read_some();
        input_ended_ = typed_.at_end();
    } catch (const std::runtime_error& error) {
        complain(std::string(error.what()) + ": it and what follows is not sent");
        input_ended_ = true;
    }
    if (input_ended_) end_watch();
}

// Has the thread wait for more input, once all that has come is said.
void Client::read_on() {
    if (typed_.has_line() || input_ended_) return;
    reads_ = true;
    wake_.wake();
}

}  // namespace

bool run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    lws_set_log_level(0, nullptr);
    return Client(options).run();
}

}  // namespace ws_chat
