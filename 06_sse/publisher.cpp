#include "06_sse/publisher.hpp"

#include <cstddef>
#include <system_error>
#include <utility>

#include "common/http/retry.hpp"

namespace sse {
namespace {

constexpr std::size_t kMaxReply = 64 * 1024;

}  // namespace

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
