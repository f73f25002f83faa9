// The chat in the terminal: one connection that is parked at the server until there is news, and
// one for what is said; or one for both, when it polls.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "07_longpoll/answer.hpp"
#include "07_longpoll/follower.hpp"
#include "07_longpoll/programs.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/http/target.hpp"
#include "common/output.hpp"
#include "common/random_hex.hpp"
#include "common/terminal.hpp"
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
// The least time between two questions: to a server that does not park them, and to one that has
// news each time.
constexpr auto kMinWait = 100ms;
constexpr auto kMinWaitWithNews = 20ms;
constexpr std::size_t kKeyDigits = 32;
constexpr std::size_t kMaxReply = 64 * 1024 * 1024;

/// A line of ours that the server has not confirmed yet. The key is the same each time it is sent.
struct Said {
    std::string text, key;
};

/// The client.
class Client {
 public:
    explicit Client(const ClientOptions& options);
    bool run();

 private:
    void ask();
    void ask_for_news();
    void post();
    [[nodiscard]] Clock::time_point next_deadline() const;
    void serve(http::Client& client, bool ready);
    void take_answer(const http::Reply& reply);
    void take_receipt(const http::Reply& reply);
    [[nodiscard]] std::chrono::milliseconds pause_after(const Follower::News& news);
    void connected();
    void lost(const std::string& why);
    void try_again_later(const std::string& why, std::chrono::milliseconds asked = {});
    [[nodiscard]] std::string refusal(const http::Reply& reply) const;
    [[nodiscard]] bool done();
    void give_up();

    const ClientOptions options_;
    const lab::Url url_;
    const std::string server_ = lab::authority_of(url_);
    http::Client news_;
    http::Client own_;
    http::Client& posting_;  // with --poll the same as for the news
    bool asked_ = false;     // what news_ waits for is news, and not a receipt
    Follower follower_;
    Clock::time_point asked_at_, next_ask_;
    lab::Terminal terminal_;
    std::optional<Said> said_;        // what is being posted: one at a time, so that order is kept
    std::optional<Receipt> receipt_;  // of the last one that was confirmed
    std::optional<Clock::time_point> retry_at_;  // nothing is asked before
    std::optional<Clock::time_point> lost_at_;   // when a connection was lost, the last time
    bool told_ = false;                          // the user knows, and nothing was answered since
    lab::Backoff backoff_;
    int restarts_ = 0;                             // of the server, each right after the other
    std::optional<Clock::time_point> give_up_at_;  // once the input has ended
};

Client::Client(const ClientOptions& options)
    : options_(options),
      url_(lab::parse_url(options.url, "http")),
      news_(url_, kMaxReply, options.trace),
      own_(url_, kMaxReply, options.trace),
      posting_(options.poll ? news_ : own_),
      follower_(options.poll ? 0s : options.wait) {
    if (url_.secure) throw std::runtime_error(options.url + ": https is not spoken here");
}

// Returns whether all that was said has been taken.
bool Client::run() {
    while (!done()) {
        ask();
        std::array<pollfd, 2> sockets{
            {{news_.socket(), news_.events(), 0}, {own_.socket(), own_.events(), 0}}};
        // A line that is typed before we know where the chat stands would not come back.
        terminal_.wait(sockets, follower_.joined(), next_deadline());
        serve(news_, sockets[0].revents != 0);
        serve(own_, sockets[1].revents != 0);
        lab::flush_output();
    }
    return terminal_.all_done();
}

// --- what is asked ------------------------------------------------------------------------------

void Client::ask() {
    if (!said_) {
        if (auto line = terminal_.next_line())
            said_ = {std::move(*line), lab::random_hex(kKeyDigits)};
    }
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

void Client::post() {
    std::string target = "/messages";
    if (!options_.name.empty()) target += "?name=" + http::percent_encode(options_.name);
    posting_.request("POST", target, kPatience, {{"Idempotency-Key", said_->key}},
                     "text/plain; charset=utf-8", said_->text);
}

Clock::time_point Client::next_deadline() const {
    auto next = give_up_at_.value_or(Clock::time_point::max());
    if (retry_at_) next = std::min(next, *retry_at_);
    if (!retry_at_ && !news_.busy()) next = std::min(next, next_ask_);
    for (const http::Client* const client : {&news_, &own_})
        next = std::min(next, client->deadline().value_or(next));
    return next;
}

// --- what comes ---------------------------------------------------------------------------------

void Client::serve(http::Client& client, bool ready) {
    const auto result = client.proceed(ready);
    if (result == http::Client::Result::nothing) return;
    const bool news = &client == &news_ && std::exchange(asked_, false);
    if (result == http::Client::Result::lost) {
        lost(client.error());
    } else if (http::can_pass(client.reply().status) && follower_.joined()) {
        try_again_later(refusal(client.reply()), client.reply().retry_after);
    } else if (news) {
        take_answer(client.reply());
    } else {
        take_receipt(client.reply());
    }
}

void Client::take_answer(const http::Reply& reply) {
    if (reply.status != 200) throw std::runtime_error(refusal(reply));
    const bool first = !follower_.joined();
    const Follower::News news = follower_.take(parse_answer(reply.body));
    connected();
    if (first && lab::Terminal::is_typed())
        lab::log("connected to " + server_ + ": each line is a message, `exit` leaves");
    for (const std::string& note : news.notes) lab::log(note);
    for (const Message& message : news.messages)
        terminal_.print(message.name + ": " + message.text);
    next_ask_ = asked_at_ + pause_after(news);
}

// An address behind which there is another server each time is trouble, and no news.
std::chrono::milliseconds Client::pause_after(const Follower::News& news) {
    restarts_ = news.restarted ? restarts_ + 1 : 0;
    if (restarts_ > 1) return backoff_.next(Clock::now());
    if (!news.messages.empty()) backoff_.brought_news();
    const auto shortest = news.ask_at_once ? kMinWaitWithNews : kMinWait;
    return options_.poll.value_or(shortest);
}

void Client::take_receipt(const http::Reply& reply) {
    if (reply.status == 201) {
        receipt_ = parse_receipt(reply.body);
        backoff_.brought_news();
    } else {
        terminal_.complain(refusal(reply) + ": not posted: " + lab::visible(said_->text, 200));
    }
    connected();
    said_.reset();
    if (give_up_at_) give_up_at_ = Clock::now() + kGoodbye;
}

std::string Client::refusal(const http::Reply& reply) const {
    const std::string reason = reply.body.substr(0, reply.body.find('\n'));
    return server_ + ": refused: " + std::to_string(reply.status) +
           (reason.empty() ? "" : ", " + lab::one_line(reason));
}

// --- what goes wrong ----------------------------------------------------------------------------

void Client::connected() {
    if (std::exchange(told_, false)) lab::log("connected again to " + server_);
    backoff_.succeeded(Clock::now());
}

// A server may end a connection that nobody has used for long: another one is tried at once. One
// that is lost soon after an earlier one was is trouble.
void Client::lost(const std::string& why) {
    if (!follower_.joined()) throw std::runtime_error(server_ + ": " + why);
    const auto now = Clock::now();
    next_ask_ = now;
    const auto before = std::exchange(lost_at_, now);
    if (before && now - *before < lab::Backoff::kLasting) try_again_later(server_ + ": " + why);
}

void Client::try_again_later(const std::string& why, std::chrono::milliseconds asked) {
    told_ = true;
    if (retry_at_) return;
    const auto wait = backoff_.next(Clock::now(), asked);
    lab::log(why + "; next try in " + std::to_string(wait.count()) + " ms");
    retry_at_ = Clock::now() + wait;
}

// Whether it is time to leave: when all that was said has been confirmed and has come back.
bool Client::done() {
    if (!terminal_.at_end()) return false;
    if (!give_up_at_) give_up_at_ = Clock::now() + kGoodbye;
    const bool confirmed = !said_ && terminal_.all_taken();
    if (confirmed && (!receipt_ || follower_.has_seen(*receipt_))) return true;
    // A client that polls seldom does not wait so long to leave.
    if (confirmed) next_ask_ = std::min(next_ask_, asked_at_ + kMinWait);
    if (Clock::now() < *give_up_at_) return false;
    give_up();
    return true;
}

void Client::give_up() {
    if (said_)
        terminal_.complain("not known whether it was posted: " + lab::visible(said_->text, 200));
    while (const auto line = terminal_.next_line())
        terminal_.complain("not posted: " + lab::visible(*line, 200));
    if (!said_) terminal_.complain(server_ + ": what was said last has not come back");
}

}  // namespace

bool run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    return Client(options).run();
}

}  // namespace longpoll
