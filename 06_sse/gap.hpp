// The server's event of the type `gap`, as the client tells it. It knows no sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sse {

/// The ids of the events that are missing.
struct Gap {
    std::uint64_t first = 0;  // 0: what another run of the server had is missing too
    std::uint64_t last = 0;
};

/// What the data of an event of the type `gap` says: {"first":F,"last":L}; none if it says
/// something else.
std::optional<Gap> gap_in(std::string_view data);

/// The gap in words, for a person.
std::string words_of(const Gap& gap);

}  // namespace sse
