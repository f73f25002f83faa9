// The format of Server-Sent Events: lines of text, each a field of an event, and an empty line at
// the event's end. It knows no sockets: bytes go in, events come out, or the other way round.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sse {

/// An event as it is handed out.
struct Event {
    std::string type;  // "message" if it has none of its own
    std::string data;  // its lines joined by LF
    std::string id;    // the last that came, with this event or before it; empty: none
};

/// Appends the lines of one event to `lines`: `id: 7`, `event: TYPE` and a `data:` line for each
/// line of `data`, then the empty line. LF, CRLF and CR each end a line, so no data can pass for
/// another field. An empty `type` is left out, and so is an empty `id`; neither may hold a line
/// end. Source: WHATWG HTML, section 9.2.5.
void write_event(std::string& lines, std::string_view id, std::string_view type,
                 std::string_view data);

/// Finds events in a stream that arrives in pieces of any size. A line ends with LF, CRLF or CR.
/// An event that the end of the stream cuts off is none. The result does not depend on where the
/// bytes are cut. Source: WHATWG HTML, section 9.2.6.
class EventStreamParser {
 public:
    enum class Result {
        event,      // event() is whole: the input begins after it now
        need_more,  // all of the input was taken
        bad,        // error() says why: the stream cannot be read on
    };
    /// A server that asks for a longer time than this between two tries is not followed. The
    /// shortest time is the caller's to see to.
    static constexpr std::chrono::milliseconds kMaxRetry = std::chrono::hours(1);

    /// `max_size`: the most bytes that a line may have, and the data of an event. `last_event_id`:
    /// the last of an earlier stream, which this one continues.
    explicit EventStreamParser(std::size_t max_size, std::string last_event_id = "")
        : max_size_(max_size), id_(last_event_id), last_event_id_(std::move(last_event_id)) {}

    /// Takes bytes from the front of `input`, at most to the end of an event. Not to be called
    /// again after bad.
    Result parse(std::string_view& input);

    /// After Result::bad.
    [[nodiscard]] std::string error() const {
        return "an event is longer than " + std::to_string(max_size_) + " bytes";
    }
    /// After Result::event. The caller's to move away.
    [[nodiscard]] Event& event() { return event_; }
    /// The id of the last event that came whole: a client says it when it comes back.
    [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }
    /// How long to wait before the connection is made again, if the server has said so.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
    Result end_line();
    Result end_event();
    bool take_field(std::string_view name, std::string_view value);
    void take_retry(std::string_view value);

    std::size_t max_size_;
    std::string line_;           // whose end has not come yet
    bool first_line_ = true;     // which a byte order mark may begin
    bool skip_newline_ = false;  // the line ended with CR: an LF that follows belongs to it
    std::string type_, data_;    // of the event that is coming
    std::string id_;
    Event event_;
    std::string last_event_id_;
    std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace sse
