// Server-Sent Events: a response that never ends, and POST to say something.
#include <limits>
#include <stdexcept>

#include "06_sse/event_stream.hpp"
#include "compare/participants.hpp"
#include "compare/post_box.hpp"

namespace compare {
namespace {

constexpr std::size_t kLongestEvent = 1024 * 1024;
constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();

/// One thread.
class EventStreamParticipant final : public Participant {
 public:
    explicit EventStreamParticipant(const Seat& seat)
        : url_{.secure = false, .host = "127.0.0.1", .port = seat.port, .target = ""},
          posts_(seat.port, std::string("/publish?name=").append(kName), 202,
                 [] { return std::vector<http::Field>{}; }) {
        come_back();
        if (seat.writes) posts_.open();
    }

    void say(std::string_view text) override { posts_.post(text); }
    [[nodiscard]] bool settled() const override { return posts_.empty(); }
    [[nodiscard]] bool in() const override { return open_; }

    [[nodiscard]] std::array<pollfd, 2> watched() const override {
        pollfd stream{-1, 0, 0};
        if (stream_) stream = {stream_->socket(), stream_->events(), 0};
        return {stream, posts_.watched()};
    }
    void proceed(bool stream, bool posts) override {
        if (stream && stream_) receive();
        if (posts) posts_.proceed();
    }

    void leave() override {
        counts_ += counts_of(*stream_);
        stream_.reset();
        posts_.hang_up();
        open_ = false;
    }
    void come_back() override;

    [[nodiscard]] Counts counts() const override {
        Counts all = counts_;
        if (stream_) all += counts_of(*stream_);
        all += posts_.counts();
        return all;
    }

 private:
    void receive();
    void take_content();

    const lab::Url url_;
    std::optional<http::ClientConnection> stream_;
    sse::EventStreamParser parser_{kLongestEvent};
    bool line_begins_ = true;  // with the next byte
    bool open_ = false;
    PostBox posts_;
    Counts counts_;  // of texts, messages and earlier streams
};

void EventStreamParticipant::come_back() {
    stream_.emplace(url_, kEndless, lab::Trace(false));
    ++counts_.connections;
    std::vector<http::Field> fields{{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}};
    const std::string id = parser_.last_event_id();
    if (!id.empty()) fields.push_back({"Last-Event-ID", id});
    parser_ = sse::EventStreamParser(kLongestEvent, id);
    line_begins_ = true;
    stream_->request("GET", "/events", fields);
    ++counts_.sent.messages;
    ++counts_.requests;
}

void EventStreamParticipant::receive() {
    using Result = http::ClientConnection::Result;
    stream_->transfer();
    for (Result result = stream_->read(); result != Result::need_more; result = stream_->read()) {
        if (result == Result::bad) throw std::runtime_error(stream_->error());
        if (result == Result::head) {
            if (stream_->head().status != 200)
                throw std::runtime_error("GET: " + std::to_string(stream_->head().status));
            open_ = true;
        }
        take_content();
        if (result == Result::end) throw std::runtime_error("the stream has ended");
    }
    if (stream_->ended()) throw std::runtime_error("the server has ended the connection");
}

void EventStreamParticipant::take_content() {
    using Result = sse::EventStreamParser::Result;
    // The parser passes comments over, which are messages too: the server's pings.
    for (const char c : stream_->body()) {
        if (line_begins_ && c == ':') ++counts_.received.messages;
        line_begins_ = c == '\n';
    }
    std::string_view content = stream_->body();
    Result result = parser_.parse(content);
    for (; result == Result::event; result = parser_.parse(content)) {
        std::string text = without_name(parser_.event().data);
        counts_.received.text += text.size();
        counts_.received.framing -= text.size();  // counts_of() has them there
        ++counts_.received.messages;
        hear(std::move(text));
    }
    if (result == Result::bad) throw std::runtime_error("an event that is too long");
    stream_->body().clear();
}

}  // namespace

std::unique_ptr<Participant> join_event_stream(const Seat& seat) {
    return std::make_unique<EventStreamParticipant>(seat);
}

}  // namespace compare
