#include "06_sse/subscription.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "common/media_type.hpp"
#include "common/visible.hpp"

namespace sse {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLongestEvent = 1024 * 1024;
// Until the server says otherwise.
constexpr auto kRetry = 2000ms;
// The stream goes on and on; its events have a bound.
constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();

}  // namespace

Subscription::Subscription(lab::Url url, std::string target, std::string last_event_id,
                           lab::Trace trace, std::function<void(const Event&)> handle)
    : url_(std::move(url)),
      target_(std::move(target)),
      trace_(trace),
      handle_(std::move(handle)),
      parser_(kLongestEvent, std::move(last_event_id)),
      retry_(kRetry) {
    connect();
}

short Subscription::events() const {
    return connection_ ? connection_->events() : short{0};
}

std::optional<Subscription::Clock::time_point> Subscription::next_try() const {
    if (state_ != State::waiting) return std::nullopt;
    return next_try_;
}

void Subscription::proceed(bool ready) {
    if (ready && connection_) receive();
    if (state_ == State::waiting && Clock::now() >= next_try_) reconnect();
}

void Subscription::connect() {
    connection_.emplace(url_, kEndless, trace_);
    std::vector<http::Field> fields{{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}};
    const std::string id = parser_.last_event_id();
    if (!id.empty()) fields.push_back({"Last-Event-ID", id});
    connection_->request("GET", target_, fields);
    parser_ = EventStreamParser(kLongestEvent, id);
    state_ = State::asking;
}

void Subscription::reconnect() {
    try {
        connect();
    } catch (const std::system_error& error) {
        wait(error.what(), backoff_.next());
    }
}

void Subscription::receive() {
    using Result = http::ResponseReader::Result;
    try {
        connection_->transfer();
    } catch (const std::system_error& error) {
        return lose(error.what());
    }
    while (connection_) {
        switch (connection_->read()) {
            case Result::head:
                check_head();
                break;
            case Result::content:
                take_content();
                break;
            case Result::end:
                take_content();
                return lose("the stream has ended");
            case Result::bad:
                return lose(connection_->fault());
            case Result::need_more:
                if (connection_->ended()) lose("the server has ended the connection");
                return;
        }
    }
}

void Subscription::check_head() {
    const http::Head& head = connection_->head();
    if (head.status == 204) {
        state_ = State::ended;
        connection_.reset();
        return;
    }
    const std::string server = lab::authority_of(url_) + ": ";
    if (head.status != 200) {
        throw std::runtime_error(server + "refused: " + std::to_string(head.status) + " " +
                                 lab::without_controls(head.reason));
    }
    const auto type = http::media_type_of(head);
    if (!type || type->name != "text/event-stream") {
        throw std::runtime_error(server + "this is no event stream, but " +
                                 (type ? lab::without_controls(type->name) : "of no known type"));
    }
    if (was_open_) lab::log("connected again to " + lab::authority_of(url_));
    state_ = State::open;
    was_open_ = true;
    backoff_.reset();
}

void Subscription::take_content() {
    using Result = EventStreamParser::Result;
    std::string_view content = connection_->body();
    for (Result result = Result::event; result == Result::event;) {
        result = parser_.parse(content);
        if (result == Result::event) handle_(parser_.event());
        if (result == Result::bad) {
            throw std::runtime_error(lab::authority_of(url_) + ": an event is longer than " +
                                     std::to_string(kLongestEvent) + " bytes");
        }
    }
    connection_->body().clear();
    retry_ = parser_.retry().value_or(retry_);
}

void Subscription::lose(const std::string& why) {
    if (!was_open_) throw std::runtime_error(lab::authority_of(url_) + ": " + why);
    wait(why, 0ms);
    // Last, for `why` may be a part of it.
    connection_.reset();
}

// The server's wish counts, and when it is not there at all the backoff, if that is longer.
void Subscription::wait(const std::string& why, std::chrono::milliseconds least) {
    const auto time = std::max(retry_, least);
    lab::log(why + "; next try in " + std::to_string(time.count()) + " ms");
    next_try_ = Clock::now() + time;
    state_ = State::waiting;
}

}  // namespace sse
