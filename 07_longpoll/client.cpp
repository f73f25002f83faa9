// The chat in the terminal: one connection that is parked at the server until there is news, and
// one for what is said; or one for both, when it polls.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "07_longpoll/answer.hpp"
#include "07_longpoll/exchange.hpp"
#include "07_longpoll/follower.hpp"
#include "07_longpoll/longpoll.hpp"
#include "07_longpoll/random_hex.hpp"
#include "common/backoff.hpp"
#include "common/check.hpp"
#include "common/http_target.hpp"
#include "common/milliseconds.hpp"
#include "common/typed_lines.hpp"
#include "common/url.hpp"
#include "common/visible.hpp"

namespace longpoll {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long an answer may take, beyond the time for which it may be parked.
constexpr auto kPatience = 10s;
// How long to wait, after the last line, for a sign that what was said has arrived.
constexpr auto kGoodbye = 2s;
// A server that does not park requests is not asked more often than this.
constexpr auto kShortestWait = 100ms;
constexpr std::size_t kKeyDigits = 32;

/// A line of ours that the server has not confirmed yet. The key is the same each time it is sent.
struct Said {
    std::string text, key;
};

/// The client. One thread.
class Client {
 public:
    explicit Client(const ClientOptions& options);
    void run();

 private:
    void ask();
    void ask_for_news();
    void take_line();
    void post();
    void wait();
    [[nodiscard]] Clock::time_point next_deadline() const;
    void serve(Exchange& exchange, bool ready);
    void take_answer(const Reply& reply);
    void take_receipt(const Reply& reply);
    void connected();
    void lost(const std::string& why);
    void try_again_later(const std::string& why);
    [[nodiscard]] std::string refusal(const Reply& reply) const;
    void show(const Message& message) const;
    [[nodiscard]] bool done();
    [[noreturn]] void give_up();

    const ClientOptions options_;
    const lab::Url url_;
    const std::string server_ = lab::authority_of(url_);
    Exchange news_;
    Exchange own_;
    Exchange& posting_;   // with --poll the same as for the news
    bool asked_ = false;  // what news_ waits for is news, and not a receipt
    Follower follower_;
    Clock::time_point asked_at_, next_ask_;
    lab::TypedLines typed_{STDIN_FILENO};
    std::optional<Said> said_;        // what is being posted: one at a time, so that order is kept
    std::optional<Receipt> receipt_;  // of the last one that was confirmed
    std::optional<Clock::time_point> retry_at_;  // nothing is asked before
    bool trouble_ = false;  // something was lost, and nothing has been answered since
    bool told_ = false;     // and the user knows
    lab::Backoff backoff_;
    std::optional<Clock::time_point> give_up_at_;  // once the input has ended
    const bool terminal_ = isatty(STDOUT_FILENO) != 0;
    std::array<pollfd, 3> ready_{};  // the input, news_, own_
};

Client::Client(const ClientOptions& options)
    : options_(options),
      url_(lab::parse_url(options.url, "http")),
      news_(url_, options.trace),
      own_(url_, options.trace),
      posting_(options.poll ? news_ : own_),
      follower_(options.poll ? 0s : options.wait) {
    if (url_.secure) throw std::runtime_error(options.url + ": https is not spoken here");
}

void Client::run() {
    while (!done()) {
        ask();
        wait();
        if (ready_[0].revents) typed_.read_some();
        serve(news_, ready_[1].revents != 0);
        serve(own_, ready_[2].revents != 0);
        std::cout << std::flush;
    }
}

// --- what is asked ------------------------------------------------------------------------------

void Client::ask() {
    if (!said_) take_line();
    if (retry_at_ && Clock::now() < *retry_at_) return;
    retry_at_.reset();
    try {
        // News first: where both share a connection, much to say would hold them up.
        if (!news_.busy() && Clock::now() >= next_ask_) ask_for_news();
        if (!posting_.busy() && said_) post();
    } catch (const std::system_error& error) {
        if (!follower_.joined()) throw;
        try_again_later(error.what());
    }
}

void Client::ask_for_news() {
    asked_at_ = Clock::now();
    news_.request("GET", follower_.target(), options_.wait + kPatience);
    asked_ = true;
}

void Client::take_line() {
    while (auto line = typed_.next()) {
        if (lab::is_utf8(*line)) {
            said_ = {std::move(*line), random_hex(kKeyDigits)};
            return;
        }
        lab::log("not UTF-8, and so no text: not sent: " + lab::visible(*line));
    }
}

void Client::post() {
    std::string target = "/messages";
    if (!options_.name.empty()) target += "?name=" + http::percent_encode(options_.name);
    posting_.request("POST", target, kPatience, {{"Idempotency-Key", said_->key}},
                     "text/plain; charset=utf-8", said_->text);
}

// Waits for the terminal or a connection, or until something is to be asked.
void Client::wait() {
    // What is typed before we know where the chat stands would not come back.
    ready_ = {{{follower_.joined() ? typed_.descriptor() : -1, POLLIN, 0},
               {news_.socket(), news_.events(), 0},
               {own_.socket(), own_.events(), 0}}};
    const int count = poll(ready_.data(), ready_.size(), lab::milliseconds_until(next_deadline()));
    if (count < 0 && !lab::try_again()) lab::check("poll", count);
    if (count < 0)
        for (pollfd& entry : ready_) entry.revents = 0;
}

Clock::time_point Client::next_deadline() const {
    auto next = give_up_at_.value_or(Clock::time_point::max());
    if (retry_at_) next = std::min(next, *retry_at_);
    if (!retry_at_ && !news_.busy()) next = std::min(next, next_ask_);
    for (const Exchange* const exchange : {&news_, &own_})
        next = std::min(next, exchange->due().value_or(next));
    return next;
}

// --- what comes ---------------------------------------------------------------------------------

void Client::serve(Exchange& exchange, bool ready) {
    const auto result = exchange.serve(ready);
    if (result == Exchange::Result::nothing) return;
    const bool news = &exchange == &news_ && std::exchange(asked_, false);
    if (result == Exchange::Result::lost) {
        lost(exchange.fault());
    } else if (exchange.reply().status == 503 && follower_.joined()) {
        try_again_later(refusal(exchange.reply()));
    } else if (news) {
        take_answer(exchange.reply());
    } else {
        take_receipt(exchange.reply());
    }
}

void Client::take_answer(const Reply& reply) {
    if (reply.status != 200) throw std::runtime_error(refusal(reply));
    const bool first = !follower_.joined();
    const Follower::News news = follower_.take(parse_answer(reply.body));
    connected();
    if (first && isatty(STDIN_FILENO))
        lab::log("connected to " + server_ + ": each line is a message, `exit` leaves");
    for (const std::string& note : news.notes) lab::log(note);
    for (const Message& message : news.messages) show(message);
    const auto pause = options_.poll.value_or(news.ask_at_once ? 0ms : kShortestWait);
    next_ask_ = asked_at_ + pause;
}

void Client::take_receipt(const Reply& reply) {
    if (reply.status == 201) {
        receipt_ = parse_receipt(reply.body);
    } else {
        lab::log(refusal(reply) + ": not posted: " + lab::visible(said_->text, 200));
    }
    connected();
    said_.reset();
    if (give_up_at_) give_up_at_ = Clock::now() + kGoodbye;
}

std::string Client::refusal(const Reply& reply) const {
    const std::string reason = reply.body.substr(0, reply.body.find('\n'));
    return server_ + ": refused: " + std::to_string(reply.status) +
           (reason.empty() ? "" : ", " + lab::without_controls(reason));
}

void Client::show(const Message& message) const {
    const std::string line = message.name + ": " + message.text;
    std::cout << (terminal_ ? lab::without_controls(line) : line) << '\n';
}

// --- what goes wrong ----------------------------------------------------------------------------

void Client::connected() {
    if (told_) lab::log("connected again to " + server_);
    trouble_ = told_ = false;
    backoff_.reset();
}

// A server may end a connection that nobody has used for long: another one is tried at once, but
// only one.
void Client::lost(const std::string& why) {
    if (!follower_.joined()) throw std::runtime_error(server_ + ": " + why);
    next_ask_ = Clock::now();
    if (std::exchange(trouble_, true)) try_again_later(server_ + ": " + why);
}

void Client::try_again_later(const std::string& why) {
    trouble_ = told_ = true;
    if (retry_at_) return;
    const auto wait = backoff_.next();
    lab::log(why + "; next try in " + std::to_string(wait.count()) + " ms");
    retry_at_ = Clock::now() + wait;
}

// Whether it is time to leave: when all that was said has been confirmed and has come back.
bool Client::done() {
    if (!typed_.at_end()) return false;
    if (!give_up_at_) give_up_at_ = Clock::now() + kGoodbye;
    const bool confirmed = !said_ && !typed_.has_line();
    if (confirmed && (!receipt_ || follower_.has_seen(*receipt_))) return true;
    // Who polls seldom does not wait so long to leave.
    if (confirmed) next_ask_ = std::min(next_ask_, Clock::now());
    if (Clock::now() >= *give_up_at_) give_up();
    return false;
}

void Client::give_up() {
    if (said_) lab::log("not known whether it was posted: " + lab::visible(said_->text, 200));
    while (const auto line = typed_.next()) lab::log("not posted: " + lab::visible(*line, 200));
    throw std::runtime_error(server_ + ": what was said last has not come back");
}

}  // namespace

void run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Client(options).run();
}

}  // namespace longpoll
