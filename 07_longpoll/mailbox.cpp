#include "07_longpoll/mailbox.hpp"

#include <algorithm>
#include <utility>

#include "common/json.hpp"

namespace longpoll {

Mailbox::Mailbox(Limits limits, std::string epoch) : limits_(limits), epoch_(std::move(epoch)) {
}

Id Mailbox::post(std::string_view name, std::string_view text, const std::string& key) {
    // lesson: known
    if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
    ++last_;
    // lesson end
    std::string message = R"({"id":)" + std::to_string(last_) + R"(,"name":)";
    lab::append_json_string(message, name);
    message += R"(,"text":)";
    lab::append_json_string(message, text);
    log_.append(message += "},");
    entries_.push_back({log_.end(), key});
    if (!key.empty()) ids_.emplace(key, last_);
    return last_;
}

Question Mailbox::question(Id after, const std::string* epoch) const {
    const bool other_run = epoch && *epoch != epoch_;
    if (other_run) after = 0;
    // Messages beyond the history may still be here, for others that wait.
    const Id gone = last_ - std::min<Id>(entries_.size(), limits_.history);
    const bool told = epoch && !other_run && after > last_;
    return {std::max(after, gone), other_run || after < gone, told ? after : 0};
}

void Mailbox::restart(std::string epoch, Id last) {
    while (!entries_.empty()) forget_first();
    log_.forget(entries_at_);
    epoch_ = std::move(epoch);
    last_ = last;
    made_ = {};
}

std::shared_ptr<const std::string> Mailbox::answer(const Question& question) {
    const bool same = made_.body && made_.last == last_ && made_.question == question;
    if (!same)
        made_ = {question, last_, std::make_shared<const std::string>(answer_body(question))};
    return made_.body;
}

std::string Mailbox::answer_body(const Question& question) const {
    std::string body = R"({"messages":[)";
    Id last = std::max(last_, question.told);
    if (question.after < last_) {
        const lab::Position begin = end_of(question.after);
        const auto fits = [&](const Entry& entry) { return entry.end - begin <= limits_.answer; };
        const auto first = entries_.end() - static_cast<std::ptrdiff_t>(last_ - question.after);
        // At least one, or nobody would ever get past it.
        const auto end = std::partition_point(first + 1, entries_.end(), fits);
        last = question.after + static_cast<Id>(end - first);
        // Without the comma behind the last one.
        body += log_.from(begin).substr(0, static_cast<std::size_t>(end_of(last) - begin - 1));
    }
    body += R"(],"last":)" + std::to_string(last);
    body += question.gap ? R"(,"gap":true)" : R"(,"gap":false)";
    body += R"(,"epoch":")" + epoch_ + "\"}";
    return body;
}

std::string Mailbox::receipt(Id id) const {
    return R"({"id":)" + std::to_string(id) + R"(,"epoch":")" + epoch_ + "\"}";
}

std::string Mailbox::location(Id id) const {
    return "/messages?after=" + std::to_string(id - 1) + "&wait=0&epoch=" + epoch_;
}

void Mailbox::forget_old() {
    const auto size = [&] { return log_.end() - entries_at_; };
    while (entries_.size() > limits_.history || size() > limits_.bytes) forget_first();
    log_.forget(entries_at_);
}

// Where the message ends in the log, or the one before the first that is kept.
lab::Position Mailbox::end_of(Id id) const {
    const Id gone = last_ - entries_.size();
    return id == gone ? entries_at_ : entries_[static_cast<std::size_t>(id - gone - 1)].end;
}

void Mailbox::forget_first() {
    const Entry& entry = entries_.front();
    ids_.erase(entry.key);
    entries_at_ = entry.end;
    entries_.pop_front();
}

}  // namespace longpoll
