#include "06_sse/publisher.hpp"

#include <charconv>
#include <system_error>
#include <utility>

#include "common/http/client.hpp"
#include "common/visible.hpp"

namespace sse {
namespace {

constexpr std::size_t kMaxReply = 64 * 1024;
constexpr std::size_t kShown = 200;

// The number at the front of `text`, 0 if there is none.
std::uint64_t leading_number(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

// --- the lines -----------------------------------------------------------------------------------

void OwnPosts::add(std::string line) {
    size_waiting_ += line.size();
    waiting_.push_back(std::move(line));
}

std::optional<std::string> OwnPosts::next() {
    if (under_way_ || waiting_.empty()) return std::nullopt;
    under_way_ = std::move(waiting_.front());
    waiting_.pop_front();
    size_waiting_ -= under_way_->size();
    return under_way_;
}

std::string OwnPosts::answered(int status, std::string_view body) {
    const std::string line = std::exchange(under_way_, std::nullopt).value_or("");
    if (status == 202) {
        published_ = leading_number(body);
        return "";
    }
    const std::string why = lab::one_line(body.substr(0, body.find('\n')));
    return "not published: " + std::to_string(status) + (why.empty() ? "" : ", " + why) + ": " +
           lab::visible(line, kShown);
}

std::string OwnPosts::broke() {
    if (!under_way_) return "";
    const std::string line = *std::exchange(under_way_, std::nullopt);
    return "not known whether it was published: " + lab::visible(line, kShown);
}

void OwnPosts::put_back() {
    if (!under_way_) return;
    size_waiting_ += under_way_->size();
    waiting_.push_front(*std::exchange(under_way_, std::nullopt));
}

void OwnPosts::seen(std::string_view id) {
    if (const std::uint64_t number = leading_number(id)) seen_ = number;
}

void OwnPosts::seen(const Gap& gap) {
    // Another run of the server counts from the beginning: what we published in the earlier one
    // never comes back.
    if (gap.first == 0) published_ = 0;
    seen_ = gap.last;
}

bool OwnPosts::all_done() const {
    return !under_way_ && waiting_.empty() && seen_ >= published_;
}

std::deque<std::string> OwnPosts::give_up() {
    std::deque<std::string> words;
    for (const std::string& line : waiting_)
        words.push_back("not published: " + lab::visible(line, kShown));
    waiting_.clear();
    size_waiting_ = 0;
    return words;
}

// --- the connection ------------------------------------------------------------------------------

Publisher::Publisher(lab::Url url, std::string target, std::chrono::milliseconds patience,
                     lab::Trace trace, std::function<void(const std::string&)> complain)
    : target_(std::move(target)),
      patience_(patience),
      complain_(std::move(complain)),
      client_(std::move(url), kMaxReply, trace) {
}

Publisher::Clock::time_point Publisher::deadline() const {
    if (client_.busy()) return *client_.deadline();
    return posts_.waiting() && next_try_ > Clock::now() ? next_try_ : Clock::time_point::max();
}

bool Publisher::proceed(bool ready, bool may_publish) {
    const auto result = client_.proceed(ready);
    if (result == http::Client::Result::replied) take_reply(client_.reply());
    if (result == http::Client::Result::lost) complain_(client_.error() + ": " + posts_.broke());
    if (may_publish && Clock::now() >= next_try_) publish();
    return result == http::Client::Result::replied;
}

void Publisher::publish() {
    const auto line = posts_.next();
    if (!line) return;
    try {
        client_.request("POST", target_, patience_, {}, "text/plain; charset=utf-8", *line);
    } catch (const std::system_error& error) {
        posts_.put_back();
        pause(error.what(), {});
    }
}

void Publisher::take_reply(const http::Reply& reply) {
    if (http::did_nothing(reply.status)) {
        posts_.put_back();
        return pause("cannot publish now: " + std::to_string(reply.status), reply.retry_after);
    }
    // A proxy or a server that has failed does not know how far it came.
    const std::string words = http::can_pass(reply.status)
                                  ? std::to_string(reply.status) + ": " + posts_.broke()
                                  : posts_.answered(reply.status, reply.body);
    if (!words.empty()) complain_(words);
    backoff_.succeeded(Clock::now());
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
