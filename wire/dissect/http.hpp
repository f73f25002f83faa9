// Steps 04 to 07: HTTP/1.1, and what it becomes: a WebSocket, or a stream of events.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>

#include "common/http/body.hpp"
#include "common/http/head.hpp"
#include "wire/dissect/dissector.hpp"
#include "wire/dissect/events.hpp"
#include "wire/dissect/frames.hpp"
#include "wire/dissect/gathered.hpp"
#include "wire/dissect/http_fields.hpp"

namespace wire {

/// Finds requests and responses with the parsers of common/http. After status 101 the connection
/// carries frames, and a response of type text/event-stream carries events. After an error, or a
/// gap, the rest of that direction is shown as it came.
class HttpDissector : public Dissector {
 public:
    explicit HttpDissector(Sink sink) : Dissector(std::move(sink)) {}
    void take(Side sender, std::string_view bytes, Time time) override;
    void gap(Side sender, Time time) override;
    void finish(Side sender) override;
    [[nodiscard]] std::size_t held() const override;

 private:
    enum class Part { head, body, events, waiting, frames, unreadable };
    /// One direction.
    struct Direction {
        Part part = Part::head;
        Gathered gathered;
        std::optional<http::HeadParser> parser;
        std::size_t head_size = 0;
        std::optional<http::BodyParser> body;
        bool chunked = false;
        std::vector<Span> spans;  // of the body
        std::string content;      // the beginning of it
        std::optional<EventFinder> events;
        std::optional<FrameFinder> frames;
        std::string early;  // of a client, before the answer to its request for an upgrade
    };
    /// A request whose response has not come yet.
    struct Asked {
        std::string method;
        std::string key;  // Sec-WebSocket-Key, if it asks for a WebSocket
        Time time;
    };
    static constexpr std::size_t kMaxAsked = 1000;
    static constexpr std::size_t kMaxEarly = 64 * 1024;

    void proceed(Side sender, std::string_view bytes);
    void take_head(Side sender, std::string_view& bytes);
    void take_body(Side sender, std::string_view& bytes);
    void take_events(std::string_view& bytes);
    void begin_body(Side sender, const http::Head& head);
    void begin_request(const http::Head& head);
    void begin_response(const http::Head& head);
    void end_message(Side sender);
    void end_waiting(bool upgraded);
    void open_websocket();
    void complain(Side sender, const std::string& why);
    [[nodiscard]] Message whole_message(Side sender);
    Direction& direction(Side side) { return directions_[static_cast<std::size_t>(side)]; }

    std::array<Direction, 2> directions_;
    std::deque<Asked> asked_;
    Asked answered_;  // the request that the response under way answers
};

}  // namespace wire
