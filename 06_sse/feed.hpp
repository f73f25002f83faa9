// All that is published, in the format of Server-Sent Events, in one log that every stream reads at
// its own pace. It knows no sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "common/byte_log.hpp"

namespace sse {

using lab::Position;

/// The ids of the events that are missing. The server sends them as an event of the type `gap`,
/// without an id, whose data are {"first":F,"last":L}.
struct Gap {
    std::uint64_t first = 0;  // 0: the events of another run of the server are missing too
    std::uint64_t last = 0;
};

/// Reads the data of an event of the type `gap`; none if they are something else.
std::optional<Gap> parse_gap(std::string_view data);

/// The gap in words, for a person.
std::string words_of(const Gap& gap);

/// The log of what was published: events, numbered from 1 on. An event exists here once, however
/// many streams it goes to, and stays as long as a stream still needs it, or somebody might who
/// comes back: that is the history.
class Feed {
 public:
    /// How much history is kept: the last `events`, and no more than `bytes` of them.
    struct History {
        std::size_t events = 1000;
        std::size_t bytes = 64 * 1024 * 1024;
    };
    /// Where a stream begins, and what it is to be told before.
    struct Beginning {
        Position position = 0;
        std::string gap;  // an event that says what is missing; empty: nothing is
        // The reader has seen more than there is here: it asks again when there is more.
        bool ahead = false;
    };

    explicit Feed(History history) : history_(history) {}

    /// Appends an event, whose `type` may be empty. Returns its id.
    std::uint64_t publish(std::string_view type, std::string_view data);

    /// The events after the last one, up to the id `last`, are none that can be shown: the streams
    /// are told of the gap, and so is a reader that comes back and lacks them, or others before.
    void skip_to(std::uint64_t last);
    /// From now on the ids start at 1 again, and the history is forgotten: the streams are told of
    /// a gap from 0 on. With an `epoch`, which other servers share, it is a part of each id: an id
    /// of another epoch was never given here, and a larger one was given by another server.
    void restart(const std::string& epoch = "");

    /// Tells all streams how long to wait before they come back.
    void tell_retry(std::chrono::milliseconds wait);

    /// The id of the event `number`, as streams show it: "7", or "7-EPOCH".
    [[nodiscard]] std::string id_of(std::uint64_t number) const {
        return std::to_string(number) + suffix_;
    }

    /// The place where a reader begins that has seen the events up to `last_event_id`: behind
    /// that, as far as history goes back. Without an id, or with an empty one: at end(). If an id
    /// was never given here, perhaps by another run of the server, the first of the gap is 0.
    [[nodiscard]] Beginning beginning(std::optional<std::string_view> last_event_id) const;

    /// The place after the last event: where one begins who wants to see only what is new.
    [[nodiscard]] Position end() const { return log_.end(); }

    /// All whole events from `position` on; empty at the end. Good until the next publish() or
    /// forget().
    [[nodiscard]] std::string_view unread(Position position) const { return log_.from(position); }

    /// Forgets what lies before `position`, which every stream has been sent, and before history.
    void forget(Position position);

    /// How many bytes it keeps.
    [[nodiscard]] std::size_t size() const { return log_.size(); }

 private:
    [[nodiscard]] std::uint64_t first_kept() const { return last_id_ + 1 - events_.size(); }

    void tell_gap(std::uint64_t first, std::uint64_t last);
    [[nodiscard]] std::optional<std::uint64_t> number_in_id(std::string_view id) const;

    const History history_;
    lab::ByteLog log_;
    std::string suffix_;           // of each id: the epoch
    std::uint64_t last_id_ = 0;    // the number of the last event, 0 before the first
    std::deque<Position> events_;  // where each event of the history begins, the last one last
};

}  // namespace sse
