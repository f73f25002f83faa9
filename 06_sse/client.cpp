// The client for the terminal: one poll(2) for the input, the stream of events, and the connection
// on which the lines of the input are published.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "06_sse/own_posts.hpp"
#include "06_sse/programs.hpp"
#include "06_sse/subscription.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/http/target.hpp"
#include "common/output.hpp"
#include "common/terminal.hpp"

namespace sse {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// While more than this waits to be published, the input waits.
constexpr std::size_t kMaxWaiting = 64 * 1024;
constexpr std::size_t kMaxReply = 64 * 1024;
// How long to wait, after the last line, for what we said to come back, without any progress.
constexpr auto kGoodbye = 2s;

/// The client. It publishes one line at a time, over one kept connection. A line that the server
/// cannot take now waits and is sent again. It complains of a line that the server refuses, and of
/// one that may or may not have been published: to send that again could publish it twice. All of
/// it belongs to the thread that calls run().
class Client {
 public:
    explicit Client(const ClientOptions& options);
    bool run();

 private:
    void read_input();
    void handle(const Event& event);
    void publish(bool ready);
    void send_next();
    void take_reply(const http::Reply& reply);
    void pause(const std::string& why, std::chrono::milliseconds asked);
    void give_up();
    [[nodiscard]] Clock::time_point next_deadline() const;
    [[nodiscard]] bool is_over();
    void progress() { goodbye_ = Clock::now() + kGoodbye; }

    const lab::Url url_;
    const std::string publish_target_;
    const std::chrono::milliseconds timeout_;
    lab::Terminal terminal_;
    OwnPosts posts_;
    http::Client publishing_;     // of posts_; a redirect is a refusal here
    Clock::time_point next_try_;  // nothing is published before
    lab::Backoff backoff_;        // of publishing
    Subscription subscription_;
    bool talking_ = true;        // until `exit` or the end of input
    Clock::time_point goodbye_;  // once we do not talk any more
};

// The address of the server, to which the paths are to be added.
lab::Url base_of(const std::string& url) {
    lab::Url base = lab::parse_url(url, "http");
    if (base.secure)
        throw std::runtime_error(url + ": TLS is not spoken here: only http://, not https://");
    if (base.target.find('?') != std::string::npos)
        throw std::runtime_error(url + ": the address of the server has no query");
    while (base.target.ends_with('/')) base.target.pop_back();
    return base;
}

Client::Client(const ClientOptions& options)
    : url_(base_of(options.url)),
      publish_target_(url_.target + "/publish?name=" + http::percent_encode(options.name)),
      timeout_(options.timeout),
      publishing_(url_, kMaxReply, options.trace),
      subscription_(url_, url_.target + "/events", options.last_event_id, options.timeout,
                    options.trace, [this](const Event& event) { handle(event); }) {
}

// Returns whether all that was said has been published.
bool Client::run() {
    if (lab::Terminal::is_typed()) {
        lab::log("connected to " + lab::authority_of(url_) +
                 ": each line is published, `exit` leaves");
    }
    do {
        std::array<pollfd, 2> sockets{{{subscription_.socket(), subscription_.events(), 0},
                                       {publishing_.socket(), publishing_.events(), 0}}};
        terminal_.wait(sockets, posts_.size_waiting() < kMaxWaiting, next_deadline());
        read_input();
        subscription_.proceed(sockets[0].revents != 0);
        lab::flush_output();
        publish(sockets[1].revents != 0);
    } while (!is_over());
    give_up();
    return terminal_.all_done();
}

Clock::time_point Client::next_deadline() const {
    auto next = subscription_.deadline();
    if (publishing_.busy()) {
        next = std::min(next, *publishing_.deadline());
    } else if (posts_.waiting() && next_try_ > Clock::now()) {
        next = std::min(next, next_try_);
    }
    return talking_ ? next : std::min(next, goodbye_);
}

void Client::read_input() {
    while (auto line = terminal_.next_line()) posts_.add(std::move(*line));
    if (talking_ && terminal_.all_taken()) {
        talking_ = false;
        progress();
    }
}

// After the end of the input the client waits for what it said to come back, at most kGoodbye
// without progress. The first answer of a server has the time limit of the subscription.
bool Client::is_over() {
    if (subscription_.state() == Subscription::State::ended) {
        lab::log("the server has ended the stream for good (204)");
        return true;
    }
    if (talking_ || !subscription_.was_open()) return false;
    const bool asked = subscription_.state() != Subscription::State::asking;
    return (asked && posts_.all_done()) || Clock::now() >= goodbye_;
}

void Client::handle(const Event& event) {
    progress();
    const auto gap = event.type == "gap" ? parse_gap(event.data) : std::nullopt;
    if (gap) {
        posts_.seen(*gap);
        lab::log(words_of(*gap));
        return;
    }
    posts_.seen(event.id);
    terminal_.print(event.type == "message" ? event.data : "[" + event.type + "] " + event.data);
}

// --- what the user says --------------------------------------------------------------------------

// Takes what has arrived, if `ready`, and begins to publish the next line, if it is time to.
void Client::publish(bool ready) {
    const auto result = publishing_.proceed(ready);
    if (result == http::Client::Result::replied) take_reply(publishing_.reply());
    if (result == http::Client::Result::lost)
        terminal_.complain(publishing_.error() + ": " + posts_.broke());
    if (subscription_.state() == Subscription::State::open && Clock::now() >= next_try_)
        send_next();
    if (result == http::Client::Result::replied) progress();
}

void Client::send_next() {
    const auto line = posts_.next();
    if (!line) return;
    try {
        publishing_.request("POST", publish_target_, timeout_, {}, "text/plain; charset=utf-8",
                            *line);
    } catch (const std::system_error& error) {
        posts_.put_back();
        pause(error.what(), {});
    }
}

void Client::take_reply(const http::Reply& reply) {
    if (http::did_nothing(reply.status)) {
        posts_.put_back();
        return pause("cannot publish now: " + std::to_string(reply.status), reply.retry_after);
    }
    // A proxy or a server that has failed does not know how far it came.
    const std::string words = http::can_pass(reply.status)
                                  ? std::to_string(reply.status) + ": " + posts_.broke()
                                  : posts_.answered(reply.status, reply.body);
    if (!words.empty()) terminal_.complain(words);
    backoff_.succeeded(Clock::now());
}

void Client::pause(const std::string& why, std::chrono::milliseconds asked) {
    const auto wait = backoff_.next(Clock::now(), asked);
    lab::log(why + "; next try in " + std::to_string(wait.count()) + " ms");
    next_try_ = Clock::now() + wait;
}

// Nothing more is waited for: complains of each line that is not known to be published.
void Client::give_up() {
    if (posts_.under_way()) terminal_.complain(posts_.broke());
    for (const std::string& words : posts_.give_up()) terminal_.complain(words);
}

}  // namespace

bool run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    return Client(options).run();
}

}  // namespace sse
