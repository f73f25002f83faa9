#include "06_sse/subscription.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "common/http/body.hpp"
#include "common/http/client.hpp"
#include "common/visible.hpp"

namespace sse {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxEvent = 1024 * 1024;
// Until the server says otherwise.
constexpr auto kRetry = 2000ms;
// As many as browsers follow: WHATWG Fetch, section 4.4.
constexpr int kMaxRedirects = 20;
// The stream goes on and on; its events have a bound.
constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Subscription::Subscription(lab::Url url, const std::string& target, std::string last_event_id,
                           std::chrono::milliseconds patience, lab::Trace trace,
                           std::function<void(const Event&)> handle)
    : url_{url.secure, std::move(url.host), std::move(url.port), target},
      patience_(patience),
      trace_(trace),
      handle_(std::move(handle)),
      parser_(kMaxEvent, std::move(last_event_id)),
      retry_(kRetry) {
    connect(url_);
}

short Subscription::events() const {
    return connection_ ? connection_->events() : short{0};
}

void Subscription::proceed(bool ready) {
    if (ready && connection_) receive();
    if (Clock::now() < deadline_) return;
    if (state_ == State::waiting) {
        redirects_ = 0;
        try_to_connect(url_);
    } else {
        // The other end may have vanished without a word: no FIN comes from a cable that is cut.
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience_);
        lose("nothing has come for " + std::to_string(seconds.count()) + " s");
    }
}

void Subscription::connect(const lab::Url& url) {
    now_at_ = url;
    connection_.emplace(url, kEndless, trace_);
    std::vector<http::Field> fields{{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}};
    const std::string id = parser_.last_event_id();
    if (!id.empty()) fields.push_back({"Last-Event-ID", id});
    connection_->request("GET", url.target, fields);
    parser_ = EventStreamParser(kMaxEvent, id);
    state_ = State::asking;
    deadline_ = Clock::now() + patience_;
}

void Subscription::try_to_connect(const lab::Url& url) {
    try {
        connect(url);
    } catch (const std::system_error& error) {
        if (!was_open_) throw;
        wait(error.what(), {});
    }
}

void Subscription::receive() {
    using Result = http::ClientConnection::Result;
    try {
        connection_->transfer();
    } catch (const std::system_error& error) {
        return lose(error.what());
    }
    // Whatever has come, be it a comment, is a sign of the server. The answer to a request has to
    // be there in time, and not only its beginning.
    if (state_ == State::open) deadline_ = Clock::now() + patience_;
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
                return lose(connection_->error());
            case Result::need_more:
                if (connection_->ended()) lose("the server has ended the connection");
                return;
        }
    }
}

void Subscription::check_head() {
    const http::Head& head = connection_->head();
    if (head.status == 204) return end();
    if (is_redirect(head.status) && !head.values("Location").empty()) return follow_redirect();
    const std::string server = lab::authority_of(now_at_) + ": ";
    if (head.status != 200) {
        const std::string refusal =
            server + "refused: " + std::to_string(head.status) + " " + lab::one_line(head.reason);
        if (!was_open_ || !http::can_pass(head.status)) throw std::runtime_error(refusal);
        return wait(refusal, http::retry_after(head));
    }
    const auto type = http::parse_media_type(head);
    if (!type || type->name != "text/event-stream") {
        throw std::runtime_error(server + "this is no event stream, but " +
                                 (type ? lab::one_line(type->name) : "of no known type"));
    }
    if (http::is_coded(head))
        throw std::runtime_error(server + "the stream is compressed: not asked for");
    if (was_open_) lab::log("connected again to " + lab::authority_of(now_at_));
    state_ = State::open;
    deadline_ = Clock::now() + patience_;
    was_open_ = true;
    backoff_.succeeded(Clock::now());
}

// The answer to this one may be the stream, or send us on again.
void Subscription::follow_redirect() {
    const std::string location(connection_->head().values("Location").front());
    const lab::Url next = lab::resolve(now_at_, location);
    if (next.secure)
        throw std::runtime_error("redirected to " + location + ": TLS is not spoken here");
    if (++redirects_ > kMaxRedirects)
        throw std::runtime_error("more than " + std::to_string(kMaxRedirects) + " redirects");
    lab::log("redirected to http://" + lab::authority_of(next) + next.target);
    try_to_connect(next);
}

void Subscription::take_content() {
    using Result = EventStreamParser::Result;
    std::string_view content = connection_->body();
    for (Result result = Result::event; result == Result::event;) {
        result = parser_.parse(content);
        if (result == Result::event) {
            backoff_.brought_news();
            handle_(parser_.event());
        }
        if (result == Result::bad)
            throw std::runtime_error(lab::authority_of(url_) + ": " + parser_.error());
    }
    connection_->body().clear();
    retry_ = parser_.retry().value_or(retry_);
}

void Subscription::lose(const std::string& why) {
    if (!was_open_) throw std::runtime_error(lab::authority_of(now_at_) + ": " + why);
    wait(why, {});
}

// The wait that the server asks for counts if it is longer than the backoff.
void Subscription::wait(const std::string& why, std::chrono::milliseconds asked) {
    const auto time = backoff_.next(Clock::now(), std::max(retry_, asked));
    lab::log(why + "; next try in " + std::to_string(time.count()) + " ms");
    deadline_ = Clock::now() + time;
    state_ = State::waiting;
    // Last, for `why` may be a part of it.
    connection_.reset();
}

void Subscription::end() {
    state_ = State::ended;
    deadline_ = Clock::time_point::max();
    connection_.reset();
}

}  // namespace sse
