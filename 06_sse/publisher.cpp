#include "06_sse/publisher.hpp"

#include <system_error>
#include <utility>

#include "common/http/retry.hpp"

namespace sse {
namespace {

constexpr std::size_t kLongestAnswer = 64 * 1024;

}  // namespace

Publisher::Publisher(lab::Url url, std::string target, std::chrono::milliseconds patience,
                     lab::Trace trace, std::function<void(const std::string&)> complain)
    : url_(std::move(url)),
      target_(std::move(target)),
      patience_(patience),
      trace_(trace),
      complain_(std::move(complain)) {
}

Publisher::Clock::time_point Publisher::deadline() const {
    if (posts_.under_way()) return due_;
    return posts_.waiting() && next_try_ > Clock::now() ? next_try_ : Clock::time_point::max();
}

bool Publisher::proceed(bool ready, bool may_publish) {
    const bool answered = ready && receive();
    if (posts_.under_way() && Clock::now() >= due_) fail("no answer");
    if (may_publish && Clock::now() >= next_try_) publish();
    return answered;
}

void Publisher::publish() {
    if (!posts_.waiting() || posts_.under_way()) return;
    try {
        if (!can_publish_on_it()) connection_.emplace(url_, kLongestAnswer, trace_);
    } catch (const std::system_error& error) {
        return pause(error.what(), {});
    }
    connection_->request("POST", target_, {}, "text/plain; charset=utf-8", *posts_.next());
    due_ = Clock::now() + patience_;
}

// A server ends a connection that was idle for long.
bool Publisher::can_publish_on_it() {
    if (!connection_) return false;
    try {
        connection_->transfer();
    } catch (const std::system_error&) {
        return false;
    }
    return !connection_->ended();
}

// Returns whether an answer has come.
bool Publisher::receive() {
    using Result = http::ResponseReader::Result;
    try {
        connection_->transfer();
        for (;;) {
            const Result result = connection_->read();
            if (result == Result::end) {
                take_answer();
                return true;
            }
            if (result == Result::bad) fail(connection_->fault());
            if (result == Result::need_more && connection_->ended())
                fail("the server has ended the connection");
            if (!connection_ || result == Result::need_more) return false;
        }
    } catch (const std::system_error& error) {
        fail(error.what());
        return false;
    }
}

void Publisher::take_answer() {
    const http::Head& head = connection_->head();
    if (http::did_nothing(head.status)) {
        posts_.put_back();
        pause("cannot publish now: " + std::to_string(head.status), http::retry_after(head));
    } else {
        const std::string words = posts_.answered(head.status, connection_->body());
        if (!words.empty()) complain_(words);
        backoff_.succeeded(Clock::now());
    }
    if (head.has_token("Connection", "close")) connection_.reset();
}

void Publisher::fail(const std::string& why) {
    if (const std::string words = posts_.broke(); !words.empty()) complain_(why + ": " + words);
    // Last, for `why` may be a part of it.
    connection_.reset();
}

void Publisher::pause(const std::string& why, std::chrono::milliseconds asked) {
    const auto wait = backoff_.next(Clock::now(), asked);
    lab::log(why + "; next try in " + std::to_string(wait.count()) + " ms");
    next_try_ = Clock::now() + wait;
}

void Publisher::give_up() {
    if (posts_.under_way()) complain_(posts_.broke());
    for (const std::string& words : posts_.give_up()) complain_(words);
}

}  // namespace sse
