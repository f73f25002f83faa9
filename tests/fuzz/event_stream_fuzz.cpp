// However a stream is cut into pieces, the same events come out; none is longer than it may be, and
// each, written again, is read to the same. The first byte of the input is the limit, the second
// the size of the pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "06_sse/event_stream.hpp"

namespace {

using sse::Event;
using sse::EventStreamParser;

struct Outcome {
    std::vector<Event> events;
    std::string last_event_id;
    bool bad = false;
};

Outcome parse(std::string_view stream, std::size_t size, std::size_t longest) {
    EventStreamParser parser(longest);
    Outcome outcome;
    for (std::size_t at = 0; at < stream.size(); at += size) {
        std::string_view piece = stream.substr(at, size);
        while (!piece.empty() && !outcome.bad) {
            const auto result = parser.parse(piece);
            if (result == EventStreamParser::Result::event)
                outcome.events.push_back(parser.event());
            outcome.bad = result == EventStreamParser::Result::bad;
        }
    }
    outcome.last_event_id = parser.last_event_id();
    return outcome;
}

bool same(const Event& one, const Event& other) {
    return one.type == other.type && one.data == other.data && one.id == other.id;
}

void expect_same(const Outcome& one, const Outcome& other) {
    if (one.bad != other.bad || one.last_event_id != other.last_event_id ||
        !std::ranges::equal(one.events, other.events, same))
        std::abort();
}

void write_and_read(const Event& event) {
    std::string lines;
    sse::write_event(lines, event.id, event.type, event.data);
    const Outcome again = parse(lines, lines.size(), lines.size());
    if (again.bad || again.events.size() != 1 || !same(again.events[0], event)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t longest = data[0];
    const std::size_t piece = std::max<std::size_t>(1, data[1]);
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Outcome whole = parse(stream, stream.size(), longest);
    expect_same(whole, parse(stream, piece, longest));
    expect_same(whole, parse(stream, 1, longest));
    for (const Event& event : whole.events) {
        if (event.data.size() > longest) std::abort();
        write_and_read(event);
    }
    return 0;
}
