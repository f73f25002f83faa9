// Step 06: the events of a stream that an HTTP response carries.
#pragma once

#include <vector>

#include "06_sse/event_stream.hpp"
#include "wire/dissect/dissector.hpp"
#include "wire/dissect/gathered.hpp"
#include "wire/dissect/http_fields.hpp"

namespace wire {

/// Finds events in the body of a response, with 06's own parser.
class EventFinder {
 public:
    static constexpr std::size_t kMaxEvent = 1024 * 1024;

    /// Takes one byte of the body, which is content or belongs to its framing. Returns whether
    /// nothing can be read from here on.
    [[nodiscard]] bool take(std::string_view byte, bool content, Gathered& gathered,
                            const Sink& sink);
    /// The segment ends: what is whole by now is told.
    void end_segment(Gathered& gathered, const Sink& sink);
    [[nodiscard]] std::size_t held() const { return held_; }

 private:
    void begin_next();
    void tell_event(Gathered& gathered, const Sink& sink);
    [[nodiscard]] std::vector<Field> fields(std::string_view bytes) const;

    sse::EventStreamParser parser_{kMaxEvent};
    std::vector<Span> spans_;
    bool whole_ = false;      // an event is: the end of its chunk may still come
    bool only_notes_ = true;  // since the last event only comments and `retry` came
    bool blank_ = true;       // since then only empty lines came
    bool line_begins_ = true;
    bool carriage_return_ = false;  // the last byte of content is CR
    std::size_t held_ = 0;
};

}  // namespace wire
