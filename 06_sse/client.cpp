// The client for the terminal: one poll(2) for the input, the stream of events, and the connection
// on which the lines of the input are published.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "06_sse/gap.hpp"
#include "06_sse/own_posts.hpp"
#include "06_sse/sse.hpp"
#include "06_sse/subscription.hpp"
#include "common/check.hpp"
#include "common/http_target.hpp"
#include "common/milliseconds.hpp"
#include "common/typed_lines.hpp"
#include "common/visible.hpp"

namespace sse {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// While more than this waits to be published, the input waits.
constexpr std::size_t kMostWaiting = 64 * 1024;
// The longest answer to a publication.
constexpr std::size_t kLongestAnswer = 64 * 1024;
// How long to wait, after the last line, for what we said to come back, without any progress.
constexpr auto kGoodbye = 2s;

/// The client. All of it belongs to the thread that calls run().
class Client {
 public:
    explicit Client(const ClientOptions& options);
    void run();

 private:
    void wait();
    [[nodiscard]] Clock::time_point next_deadline() const;
    void read_input();
    void stop_talking();
    void handle(const Event& event);
    void publish();
    [[nodiscard]] bool can_publish_on_it();
    void receive_answers();
    void answered();
    void publishing_failed(const std::string& why);
    void check_goodbye();

    const ClientOptions options_;
    const lab::Url url_;
    const bool terminal_ = isatty(STDOUT_FILENO) != 0;
    lab::TypedLines typed_{STDIN_FILENO};
    OwnPosts posts_;
    Subscription subscription_;
    std::optional<http::ClientConnection> publishing_;  // kept from one publication to the next
    bool input_ready_ = false, stream_ready_ = false, answer_ready_ = false;
    bool talking_ = true;  // until `exit` or the end of input
    bool done_ = false;
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
    : options_(options),
      url_(base_of(options.url)),
      subscription_(url_, url_.target + "/events", options.last_event_id, options.trace,
                    [this](const Event& event) { handle(event); }) {
}

void Client::run() {
    if (isatty(STDIN_FILENO)) {
        lab::log("connected to " + lab::authority_of(url_) +
                 ": each line is published, `exit` leaves");
    }
    while (!done_) {
        wait();
        if (input_ready_) read_input();
        subscription_.proceed(stream_ready_);
        std::cout << std::flush;
        if (answer_ready_) receive_answers();
        if (subscription_.state() == Subscription::State::open) publish();
        if (subscription_.state() == Subscription::State::ended) {
            lab::log("the server has ended the stream for good (204)");
            done_ = true;
        }
        if (!talking_) check_goodbye();
    }
}

void Client::wait() {
    const bool reads = talking_ && posts_.size_waiting() < kMostWaiting;
    std::array<pollfd, 3> ready{{{reads ? typed_.descriptor() : -1, POLLIN, 0},
                                 {subscription_.socket(), subscription_.events(), 0},
                                 {publishing_ ? publishing_->socket() : -1,
                                  publishing_ ? publishing_->events() : short{0}, 0}}};
    const int count = poll(ready.data(), ready.size(), lab::milliseconds_until(next_deadline()));
    if (count < 0 && !lab::try_again()) lab::check("poll", count);
    input_ready_ = count > 0 && ready[0].revents;
    stream_ready_ = count > 0 && ready[1].revents;
    answer_ready_ = count > 0 && ready[2].revents;
}

Clock::time_point Client::next_deadline() const {
    const auto next = subscription_.next_try().value_or(Clock::time_point::max());
    return talking_ ? next : std::min(next, goodbye_);
}

// --- what the user says -------------------------------------------------------------------------

void Client::read_input() {
    typed_.read_some();
    while (auto line = typed_.next()) {
        if (lab::is_utf8(*line)) {
            posts_.add(std::move(*line));
        } else {
            lab::log("not UTF-8, and so no text: not published: " + lab::visible(*line));
        }
    }
    if (typed_.at_end()) stop_talking();
}

void Client::stop_talking() {
    talking_ = false;
    goodbye_ = Clock::now() + kGoodbye;
}

// Leaves when all that we said has come back, but does not wait for ever.
void Client::check_goodbye() {
    const bool asked = subscription_.state() != Subscription::State::asking;
    done_ = done_ || (asked && posts_.all_done());
    if (done_ || Clock::now() < goodbye_) return;
    if (posts_.under_way()) lab::log(posts_.broke());
    for (const std::string& words : posts_.give_up()) lab::log(words);
    done_ = true;
}

// --- what the server says -----------------------------------------------------------------------

void Client::handle(const Event& event) {
    goodbye_ = Clock::now() + kGoodbye;
    const auto gap = event.type == "gap" ? gap_in(event.data) : std::nullopt;
    if (gap) {
        posts_.seen(*gap);
        lab::log(words_of(*gap));
        return;
    }
    posts_.seen(event.id);
    const std::string text =
        event.type == "message" ? event.data : "[" + event.type + "] " + event.data;
    std::cout << (terminal_ ? lab::without_controls(text) : text) << '\n';
}

// --- publishing ---------------------------------------------------------------------------------

// One line at a time, on a connection that is made for the first and kept. If none can be made, the
// line waits for the next sign of life on the stream.
void Client::publish() {
    if (!posts_.waiting() || posts_.under_way()) return;
    try {
        if (!can_publish_on_it()) publishing_.emplace(url_, kLongestAnswer, options_.trace);
        publishing_->request("POST",
                             url_.target + "/publish?name=" + http::percent_encode(options_.name),
                             {}, "text/plain; charset=utf-8", *posts_.next());
    } catch (const std::system_error& error) {
        publishing_failed(error.what());
    }
}

// A server ends a connection that was idle for long.
bool Client::can_publish_on_it() {
    if (!publishing_) return false;
    try {
        publishing_->transfer();
    } catch (const std::system_error&) {
        return false;
    }
    return !publishing_->ended();
}

void Client::receive_answers() {
    using Result = http::ResponseReader::Result;
    try {
        publishing_->transfer();
    } catch (const std::system_error& error) {
        return publishing_failed(error.what());
    }
    for (;;) {
        switch (publishing_->read()) {
            case Result::head:
            case Result::content:
                break;
            case Result::end:
                return answered();
            case Result::bad:
                return publishing_failed(publishing_->fault());
            case Result::need_more:
                if (publishing_->ended()) publishing_failed("the server has ended the connection");
                return;
        }
    }
}

void Client::answered() {
    goodbye_ = Clock::now() + kGoodbye;
    const std::string words = posts_.answered(publishing_->head().status, publishing_->body());
    if (!words.empty()) lab::log(words);
    if (publishing_->head().has_token("Connection", "close")) publishing_.reset();
}

// Publishing again what may have been published would be to say it twice.
void Client::publishing_failed(const std::string& why) {
    const std::string words = posts_.broke();
    if (!words.empty()) lab::log(why + ": " + words);
    // Last, for `why` may be a part of it.
    publishing_.reset();
}

}  // namespace

void run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Client(options).run();
}

}  // namespace sse
