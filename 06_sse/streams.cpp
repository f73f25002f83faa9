#include "06_sse/streams.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "common/log.hpp"
#include "common/visible.hpp"

namespace sse {
namespace {

constexpr std::string_view kPing = ": ping\n\n";
// Without an id, so that it changes nothing in what a client has seen.
constexpr std::string_view kHeartbeat = "event: heartbeat\ndata:\n\n";
constexpr Position kNoEnd = std::numeric_limits<Position>::max();

}  // namespace

/// A stream: what is for it alone, then the feed from its position on.
class Streams::Stream : public http::Stream {
 public:
    Stream(Streams& all, http::Connection& connection,
           std::optional<std::string_view> last_event_id, std::string name, bool heartbeats)
        : all_(all),
          connection_(connection),
          place_(all.streams_.size()),
          ping_(heartbeats ? kHeartbeat : kPing),
          own_(all.greeting_ + std::string(heartbeats ? kHeartbeat : "")),
          opened_(all.feed_.end()),
          name_(std::move(name)) {
        begin(last_event_id);
        all_.streams_.push_back(this);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() override {
        lab::log(connection_.peer() + " left");
        // The last one takes its place.
        all_.streams_[place_] = all_.streams_.back();
        all_.streams_[place_]->place_ = place_;
        all_.streams_.pop_back();
    }

    [[nodiscard]] std::string_view outgoing() const override {
        if (!own_.empty()) return own_;
        if (!ahead_.empty()) return {};
        return all_.feed_.unread(position_).substr(0, static_cast<std::size_t>(end_ - position_));
    }
    void sent(std::size_t count) override {
        if (own_.empty()) {
            position_ += count;
            return;
        }
        own_.erase(0, count);
        if (own_.empty()) own_.shrink_to_fit();
    }
    [[nodiscard]] bool ended() const override { return end_ != kNoEnd; }

    void ping() {
        if (!outgoing().empty()) return;
        own_ = ping_;
        connection_.stream_changed();
    }
    void end() {
        end_ = std::min(end_, all_.feed_.end());
        connection_.stream_changed();
    }

    /// Finds the place of a client again that has seen more, at another server of the room, than
    /// there was here. To be called when there is something new.
    void catch_up() {
        if (!ahead_.empty()) begin(std::exchange(ahead_, {}));
    }

    /// How much it lacks of what was published between its opening and `end`.
    [[nodiscard]] Position lack(Position end) const {
        return end - std::min(end, std::max(position_, opened_));
    }
    [[nodiscard]] Position position() const { return position_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] http::Connection& connection() { return connection_; }

 private:
    void begin(std::optional<std::string_view> last_event_id) {
        const Feed::Beginning beginning = all_.feed_.beginning(last_event_id);
        own_ += beginning.gap;
        position_ = beginning.position;
        if (beginning.ahead) ahead_ = *last_event_id;
    }

    Streams& all_;
    http::Connection& connection_;
    std::size_t place_;  // among all
    const std::string_view ping_;
    std::string own_;        // goes before what the feed has
    Position position_ = 0;  // in the feed: how much of it was sent
    std::string ahead_;      // the id that the client has seen, if it was not here yet
    const Position opened_;
    const std::string name_;
    Position end_ = kNoEnd;  // where the stream ends
};

Streams::Streams(Feed& feed, std::size_t queue, std::chrono::milliseconds retry)
    : feed_(feed),
      queue_(queue),
      greeting_("retry: " + std::to_string(retry.count()) + "\n\n"),
      delivered_(feed.end()) {
}

std::unique_ptr<http::Stream> Streams::open(http::Connection& connection,
                                            std::optional<std::string_view> last_event_id,
                                            std::string name, bool heartbeats) {
    lab::log(connection.peer() + " listens" +
             (last_event_id ? ", has seen events up to " + lab::visible(*last_event_id) : ""));
    return std::make_unique<Stream>(*this, connection, last_event_id, std::move(name), heartbeats);
}

void Streams::deliver() {
    if (delivered_ == feed_.end()) return;
    Position least = feed_.end();
    for (std::size_t i = 0; i < streams_.size();) {
        Stream& stream = *streams_[i];
        stream.catch_up();
        // The events of this round have not been sent to anybody yet: they do not count.
        if (stream.lack(delivered_) > queue_) {
            // This destroys the stream, and the last one takes its place.
            stream.connection().abort("it does not read");
            continue;
        }
        least = std::min(least, stream.position());
        stream.connection().stream_changed();
        ++i;
    }
    feed_.forget(least);
    delivered_ = feed_.end();
}

void Streams::ping() {
    for (Stream* const stream : streams_) stream->ping();
}

std::size_t Streams::drop(std::string_view name) {
    std::vector<Stream*> found;
    std::ranges::copy_if(streams_, std::back_inserter(found),
                         [&](const Stream* stream) { return stream->name() == name; });
    // Those that have nothing to send are destroyed by this.
    for (Stream* const stream : found) stream->end();
    return found.size();
}

void Streams::end_all() {
    for (Stream* const stream : std::vector(streams_)) stream->end();
}

}  // namespace sse
