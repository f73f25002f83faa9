// A reader of server-sent events of the tests' own, and what the tests of 06_sse have in common.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// One event as it stood on the wire. A plain value.
struct StreamEvent {
    std::string id, type, data;  // empty if there is no such field; lines of data joined by LF

    bool operator==(const StreamEvent&) const = default;
};

/// One open event stream. Each member waits at most kDeadline and fails the case after that. One
/// thread at a time. Source: WHATWG, HTML, 9.2.6.
class EventStream {
 public:
    /// Asks `server` for `target`, with `fields` as more header lines; the answer must be an event
    /// stream. `receive_buffer`: see Connection.
    explicit EventStream(const Server& server, std::string_view target = "/events",
                         std::string_view fields = "", int receive_buffer = 0,
                         Place place = Place::here());
    /// The same over `connection`, which nothing was sent on.
    EventStream(Connection connection, std::string_view request, Place place = Place::here());

    [[nodiscard]] Connection& connection() { return connection_; }
    [[nodiscard]] const HttpHead& head() const { return head_; }
    /// The last `retry` that has come, as it stood there.
    [[nodiscard]] const std::string& retry() const { return retry_; }
    /// How many comments have come.
    [[nodiscard]] std::size_t comments() const { return comments_; }

    /// Receives up to the next empty line, and returns its lines without their ends.
    std::vector<std::string> receive_block(const std::string& hint, Place place = Place::here());
    /// Receives the next block, which must be a retry alone: returns its milliseconds.
    const std::string& receive_retry(const std::string& hint, Place place = Place::here());
    /// Receives the next block, which must be a comment alone.
    void receive_comment(const std::string& hint, Place place = Place::here());
    /// Receives the next event; comments and a retry before it are passed over.
    StreamEvent receive(const std::string& hint, Place place = Place::here());
    /// The next event must be this one.
    void expect(const StreamEvent& event, const std::string& hint, Place place = Place::here());
    /// The next events must be those with the ids `first` to `last`, whatever they say.
    void expect_ids(int first, int last, const std::string& hint, Place place = Place::here());
    /// The stream must end in order, and with it the connection: comments may come before, no
    /// event.
    void expect_end(const std::string& hint, Place place = Place::here());
    /// The events that still come before the end, however it ends; half an event is none.
    std::vector<StreamEvent> receive_to_end(const std::string& hint, Place place = Place::here());

 private:
    std::string receive_line(const std::string& hint, Place place);

    Connection connection_;
    HttpHead head_;
    bool chunked_ = false;
    std::string arrived_;             // of chunks, and not yet asked for
    std::vector<std::string> split_;  // lines that a lone CR made of one, and not yet returned
    std::string retry_;
    std::size_t comments_ = 0;
};

/// `count` streams that are open: `GET /events`.
std::vector<EventStream> open_streams(const Server& server, std::size_t count,
                                      Place place = Place::here());

/// The events in `text`, a stream that another program has printed: each ends with an empty line.
std::vector<StreamEvent> events_in(std::string_view text, Place place = Place::here());

/// A header line for a stream that goes on after the event `id`.
std::string last_event_id(const std::string& id);

/// A request that publishes `text`; `query` names a type or a name: "event=a&name=b".
std::string publish_request(std::string_view text, std::string_view query = "",
                            std::string_view fields = "Content-Type: text/plain\r\n");

/// Publishes `text`, which has to be accepted: returns its id.
int publish(const Server& server, std::string_view text, std::string_view query = "",
            Place place = Place::here());

/// Publishes texts over one connection that is kept.
class Publisher {
 public:
    explicit Publisher(const Server& server, Place place = Place::here())
        : connection_(server, 0, place) {}
    /// Publishes `text`, which has to be accepted: returns its id.
    int publish(std::string_view text, std::string_view query = "", Place place = Place::here());
    /// Publishes `count` texts, "1" to `count`, at full speed: no answer is waited for before the
    /// next is sent.
    void publish_numbers(int count, Place place = Place::here());

 private:
    Connection connection_;
};

}  // namespace lab::test
