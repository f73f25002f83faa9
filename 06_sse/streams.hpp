// The streams that are open, each a position in the feed. It knows no sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "06_sse/feed.hpp"
#include "common/http/connection.hpp"

namespace sse {

/// All open streams. Each of them belongs to its connection, enters here when it is opened and
/// leaves when it is destroyed.
class Streams {
 public:
    /// `feed` must outlive it, and it the streams. A stream that lacks more than `queue` bytes of
    /// what was published since it was opened is cut off. `retry`: what a client is told to wait
    /// before it comes back.
    Streams(Feed& feed, std::size_t queue, std::chrono::milliseconds retry);

    /// Opens a stream, as the body of the response on `connection`, for a client that has seen the
    /// events up to `last_event_id`, as Feed::beginning() takes it. It may have a `name`, by which
    /// the client can have it dropped. With `heartbeats` it begins with an event of the type
    /// `heartbeat`, and gets another where others get a comment: a page does not see comments.
    std::unique_ptr<http::Stream> open(http::Connection& connection,
                                       std::optional<std::string_view> last_event_id,
                                       std::string name, bool heartbeats = false);

    /// Has the connections send what was published since the last time, and cuts off those that do
    /// not read.
    void deliver();
    /// Sends a comment, or a heartbeat, to all that have nothing else to send: so that proxies do
    /// not take the connection for dead, and both ends notice when it is.
    void ping();
    /// Ends the streams with this `name`, after what is still to be sent on them. Returns how many
    /// there are.
    std::size_t drop(std::string_view name);
    /// Ends all of them, after what is still to be sent.
    void end_all();

    [[nodiscard]] bool empty() const { return streams_.empty(); }

 private:
    class Stream;

    Feed& feed_;
    const std::size_t queue_;
    const std::string greeting_;    // with which each stream begins
    std::vector<Stream*> streams_;  // in no order
    Position delivered_;            // what was published before has had a chance to be sent
};

}  // namespace sse
