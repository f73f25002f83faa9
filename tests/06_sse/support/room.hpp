// What the tests of a room at a broker do with streams and texts of 06_sse.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// Publishes `text`, which has to be accepted, and returns the id: "7-EPOCH".
inline std::string publish_there(const Server& server, const std::string& text,
                                 const std::string& query = "", Place place = Place::here()) {
    const auto response = ask(server, publish_request(text, query), "the room takes it", place);
    expect_status(response, 202, "the room takes it", place);
    return response.body.substr(0, response.body.find('\n'));
}

/// The number in an id.
inline int number(const std::string& id) {
    return std::atoi(id.c_str());
}

/// The name of the room in an id.
inline std::string epoch(const std::string& id) {
    return id.substr(id.find('-') + 1);
}

/// The next event of `stream` has this number, and these contents.
inline void expect_event(EventStream& stream, const StreamEvent& expected, const std::string& hint,
                         Place place = Place::here()) {
    StreamEvent event = stream.receive(hint, place);
    event.id = event.id.substr(0, event.id.find('-'));
    if (event != expected)
        fail(expected.id + ": " + expected.data, event.id + ": " + event.data, hint, place);
}

/// The next events of `stream` have the numbers from `first` to `last`.
inline void expect_numbers(EventStream& stream, int first, int last, const std::string& hint,
                           Place place = Place::here()) {
    for (int i = first; i <= last; ++i) {
        const StreamEvent event = stream.receive(hint, place);
        if (number(event.id) != i) fail(std::to_string(i), event.id, hint, place);
    }
}

/// The event that tells that these are missing.
inline StreamEvent gap(int first, int last) {
    return {"", "gap",
            "{\"first\":" + std::to_string(first) + ",\"last\":" + std::to_string(last) + "}"};
}

}  // namespace lab::test
