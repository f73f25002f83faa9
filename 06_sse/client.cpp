// The client for the terminal: one poll(2) for the input, the stream of events, and the connection
// on which the lines of the input are published.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>

#include "06_sse/programs.hpp"
#include "06_sse/publisher.hpp"
#include "06_sse/subscription.hpp"
#include "common/http/target.hpp"
#include "common/output.hpp"
#include "common/terminal.hpp"

namespace sse {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// While more than this waits to be published, the input waits.
constexpr std::size_t kMaxWaiting = 64 * 1024;
// How long to wait, after the last line, for what we said to come back, without any progress.
constexpr auto kGoodbye = 2s;

/// The client. All of it belongs to the thread that calls run().
class Client {
 public:
    explicit Client(const ClientOptions& options);
    bool run();

 private:
    void read_input();
    void handle(const Event& event);
    [[nodiscard]] Clock::time_point next_deadline() const;
    [[nodiscard]] bool is_over();
    void progress() { goodbye_ = Clock::now() + kGoodbye; }

    const lab::Url url_;
    lab::Terminal terminal_;
    Publisher publisher_;
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
      publisher_(url_, url_.target + "/publish?name=" + http::percent_encode(options.name),
                 options.timeout, options.trace,
                 [this](const std::string& what) { terminal_.complain(what); }),
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
                                       {publisher_.socket(), publisher_.events(), 0}}};
        const bool reads = publisher_.posts().size_waiting() < kMaxWaiting;
        terminal_.wait(sockets, reads, next_deadline());
        read_input();
        subscription_.proceed(sockets[0].revents != 0);
        lab::flush_output();
        const bool may_publish = subscription_.state() == Subscription::State::open;
        if (publisher_.proceed(sockets[1].revents != 0, may_publish)) progress();
    } while (!is_over());
    publisher_.give_up();
    return terminal_.all_done();
}

Clock::time_point Client::next_deadline() const {
    const auto next = std::min(subscription_.deadline(), publisher_.deadline());
    return talking_ ? next : std::min(next, goodbye_);
}

void Client::read_input() {
    while (auto line = terminal_.next_line()) publisher_.posts().add(std::move(*line));
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
    return (asked && publisher_.posts().all_done()) || Clock::now() >= goodbye_;
}

void Client::handle(const Event& event) {
    progress();
    const auto gap = event.type == "gap" ? parse_gap(event.data) : std::nullopt;
    if (gap) {
        publisher_.posts().seen(*gap);
        lab::log(words_of(*gap));
        return;
    }
    publisher_.posts().seen(event.id);
    terminal_.print(event.type == "message" ? event.data : "[" + event.type + "] " + event.data);
}

}  // namespace

bool run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    return Client(options).run();
}

}  // namespace sse
