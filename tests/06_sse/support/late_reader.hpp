// Readers that fall behind, and enough text to leave them behind.
#pragma once

#include <string>
#include <vector>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/connection.hpp"

namespace lab::test {

/// The receive buffer of a reader that is to fall behind, in bytes. It has a fixed size, so that
/// the path from the server to the reader is soon full, and is soon read empty in the end.
inline constexpr int kSmall = 65'536;

/// A long text: 60 kB.
inline const std::string kLong = text_of(60'000);

/// Publishes kLong `count` times; `readers` get it each time.
inline void publish_much(Publisher& publisher, std::vector<EventStream>& readers, int count) {
    for (int i = 0; i < count; ++i) {
        const int id = publisher.publish(kLong);
        for (EventStream& reader : readers) {
            reader.expect({std::to_string(id), "", kLong},
                          "a member that does not read must not keep others waiting");
        }
    }
}

}  // namespace lab::test
