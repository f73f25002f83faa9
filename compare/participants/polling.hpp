// Long polling, and polling at an interval: GET again and again, and POST to say something.
#pragma once

#include <stdexcept>

#include "07_longpoll/answer.hpp"
#include "common/random_hex.hpp"
#include "compare/participants/http.hpp"

namespace compare {

/// A client of 07_longpoll.
class PollingParticipant final : public HttpParticipant {
 public:
    PollingParticipant(const Transport& transport, const ParticipantOptions& options)
        : HttpParticipant(options, std::string("/messages?name=").append(kName), 201),
          first_poll_(options.first_poll) {
        const bool waits = transport.kind == ConnectionKind::long_polling;
        (waits ? max_wait_ : interval_) = options.period.value_or(transport.keep_alive->period);
        ask();
    }

    /// A question that may wait at the server is no open one.
    [[nodiscard]] bool quiet() const override {
        return !news_.pending() || (in_ && max_wait_.count() > 0);
    }
    [[nodiscard]] std::optional<Clock::time_point> due() const override {
        return news_.pending() ? std::nullopt : next_;
    }
    void proceed(bool news_ready, bool posts_ready) override {
        HttpParticipant::proceed(news_ready, posts_ready);
        if (const auto time = due(); time && Clock::now() >= *time) ask();
    }
    void leave() override {
        HttpParticipant::leave();
        next_.reset();
    }
    void come_back() override { ask(); }

 private:
    // The first question asks behind the greatest possible id: its answer tells the last one.
    void ask() {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(max_wait_).count();
        std::string target = "/messages?after=" + std::to_string(after_) +
                             "&wait=" + std::to_string(in_ ? seconds : 0);
        if (!epoch_.empty()) target += "&epoch=" + epoch_;
        news_.request("GET", target);
        next_ = Clock::now() + interval_;
    }

    void take(HttpConnection::Result result) override {
        if (result != HttpConnection::Result::end) return;
        const longpoll::Answer answer = longpoll::parse_answer(news_.body());
        const bool first = epoch_.empty();
        if (!first && answer.epoch != epoch_) throw std::runtime_error("another epoch");
        if (answer.gap) throw std::runtime_error("messages are gone: the history is too short");
        for (const longpoll::Message& message : answer.messages) hear(message.text);
        after_ = answer.last;
        epoch_ = answer.epoch;
        in_ = true;
        // Clients that come together do not ask together.
        if (first && interval_.count() > 0) next_ = Clock::now() + first_poll_;
    }

    [[nodiscard]] std::vector<http::Field> post_fields() const override {
        return {{"Idempotency-Key", lab::random_hex(32)}};
    }

    const std::chrono::milliseconds first_poll_;
    std::chrono::milliseconds interval_{0};  // 0: long polling
    std::chrono::milliseconds max_wait_{0};  // at the server; 0: polling at an interval
    std::optional<Clock::time_point> next_;  // of the next question; none after leave()
    std::string epoch_;                      // empty: the place in the chat is not known yet
    longpoll::Id after_ = longpoll::kLastId;
};

}  // namespace compare
