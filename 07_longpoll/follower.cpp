#include "07_longpoll/follower.hpp"

#include <algorithm>

#include "common/http/target.hpp"

namespace longpoll {

std::string Follower::target() const {
    std::string target = "/messages?after=" + std::to_string(after_);
    // Beyond every message: the answer is empty, and says which one is the last.
    if (!joined_) return target += "&wait=0";
    target += "&wait=" + std::to_string(wait_.count());
    return target += "&epoch=" + http::percent_encode(epoch_);
}

Follower::News Follower::take(const Answer& answer) {
    if (!joined_) {
        joined_ = true;
        after_ = answer.last;
        epoch_ = answer.epoch;
        return {.messages = {}, .notes = {}, .ask_at_once = true};
    }
    if (answer.epoch != epoch_) {
        past_epochs_.push_back(epoch_);
        epoch_ = answer.epoch;
        after_ = 0;
        return {.messages = {},
                .notes = {"the server has restarted (epoch " + epoch_ + "), and its numbering too"},
                .ask_at_once = true,
                .restarted = true};
    }
    News news;
    if (answer.gap)
        news.notes.emplace_back("some messages are gone: the server keeps the last ones");
    for (const Message& message : answer.messages) {
        if (message.id <= after_) continue;
        after_ = message.id;
        news.messages.push_back(message);
    }
    after_ = std::max(after_, answer.last);
    news.ask_at_once = !news.messages.empty();
    return news;
}

bool Follower::has_seen(const Receipt& receipt) const {
    if (receipt.epoch == epoch_) return receipt.id <= after_;
    return std::ranges::count(past_epochs_, receipt.epoch) > 0;
}

}  // namespace longpoll
