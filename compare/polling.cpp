// Long polling, and polling at an interval: GET again and again, and POST to say something.
#include <stdexcept>

#include "07_longpoll/answer.hpp"
#include "07_longpoll/random_hex.hpp"
#include "compare/participants.hpp"
#include "compare/post_box.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLongestAnswer = 128 * 1024 * 1024;
constexpr std::chrono::milliseconds kLongestWait = 25s;
constexpr std::size_t kKeyDigits = 32;

/// One thread.
class PollingParticipant final : public Participant {
 public:
    PollingParticipant(const Transport& transport, const Seat& seat)
        : url_{.secure = false, .host = "127.0.0.1", .port = seat.port, .target = ""},
          first_poll_(seat.first_poll),
          posts_(seat.port, std::string("/messages?name=").append(kName), 201, [] {
              return std::vector<http::Field>{
                  {"Idempotency-Key", longpoll::random_hex(kKeyDigits)}};
          }) {
        if (transport.way == Way::polling) {
            interval_ = seat.beat.value_or(transport.interval);
        } else {
            wait_ = seat.beat.value_or(kLongestWait);
        }
        come_back();
        if (seat.writes) posts_.open();
    }

    void say(std::string_view text) override { posts_.post(text); }
    [[nodiscard]] bool settled() const override { return posts_.empty(); }
    // What is parked has no answer due.
    [[nodiscard]] bool quiet() const override { return !asking_ || (in_ && wait_ > 0ms); }
    [[nodiscard]] bool in() const override { return in_; }

    [[nodiscard]] std::array<pollfd, 2> watched() const override {
        pollfd news{-1, 0, 0};
        if (news_) news = {news_->socket(), news_->events(), 0};
        return {news, posts_.watched()};
    }
    [[nodiscard]] std::optional<Clock::time_point> due() const override {
        if (!news_ || asking_) return std::nullopt;
        return next_;
    }
    void proceed(bool news, bool posts) override {
        if (news && news_) receive();
        if (posts) posts_.proceed();
        if (news_ && !asking_ && Clock::now() >= next_) ask();
    }

    void leave() override {
        counts_ += counts_of(*news_);
        news_.reset();
        posts_.hang_up();
        in_ = asking_ = false;
    }
    void come_back() override;

    [[nodiscard]] Counts counts() const override {
        Counts all = counts_;
        if (news_) all += counts_of(*news_);
        all += posts_.counts();
        return all;
    }

 private:
    void ask();
    void receive();
    void take(const longpoll::Answer& answer);

    const lab::Url url_;
    const std::chrono::milliseconds first_poll_;
    std::chrono::milliseconds interval_{0};
    std::chrono::milliseconds wait_{0};
    std::optional<http::ClientConnection> news_;
    bool asking_ = false;
    bool in_ = false;  // on this connection, an answer has come
    Clock::time_point next_;
    std::string epoch_;  // empty: we do not know yet where the chat stands
    longpoll::Id after_ = longpoll::kLastId;
    PostBox posts_;
    Counts counts_;  // of texts, messages and earlier connections
};

void PollingParticipant::come_back() {
    news_.emplace(url_, kLongestAnswer, lab::Trace(false));
    ++counts_.connections;
    ask();
}

// The first question, beyond every message, is for the id of the last one.
void PollingParticipant::ask() {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait_).count();
    std::string target = "/messages?after=" + std::to_string(after_) + "&wait=";
    target += in_ ? std::to_string(seconds) : "0";
    if (!epoch_.empty()) target += "&epoch=" + epoch_;
    news_->request("GET", target);
    ++counts_.sent.messages;
    ++counts_.requests;
    asking_ = true;
    next_ = Clock::now() + interval_;
}

void PollingParticipant::receive() {
    using Result = http::ClientConnection::Result;
    news_->transfer();
    for (Result result = news_->read(); result != Result::need_more; result = news_->read()) {
        if (result == Result::bad) throw std::runtime_error(news_->error());
        if (result != Result::end) continue;
        if (news_->head().status != 200)
            throw std::runtime_error("GET: " + std::to_string(news_->head().status));
        ++counts_.received.messages;
        asking_ = false;
        take(longpoll::parse_answer(news_->body()));
    }
    if (news_->ended()) throw std::runtime_error("the server has ended the connection");
}

void PollingParticipant::take(const longpoll::Answer& answer) {
    const bool first = epoch_.empty();
    if (!first && answer.epoch != epoch_) throw std::runtime_error("another epoch");
    if (answer.gap) throw std::runtime_error("messages are gone: the history is too short");
    for (const longpoll::Message& message : answer.messages) {
        counts_.received.text += message.text.size();
        counts_.received.framing -= message.text.size();  // counts_of() has them there
        hear(message.text);
    }
    after_ = answer.last;
    epoch_ = answer.epoch;
    in_ = true;
    // Clients that came together should not all ask together.
    if (first && interval_ > 0ms) next_ = Clock::now() + first_poll_;
}

}  // namespace

std::unique_ptr<Participant> join_by_polling(const Transport& transport, const Seat& seat) {
    return std::make_unique<PollingParticipant>(transport, seat);
}

}  // namespace compare
