// Steps 01 and 02: lines of text, or bytes that are none.
#pragma once

#include <array>

#include "common/line_parser.hpp"
#include "wire/dissect/dissector.hpp"
#include "wire/dissect/gathered.hpp"

namespace wire {

/// Finds lines, as 02_threaded_chat does. After a line that is too long, what comes is shown as it
/// came: a message for each segment.
class LineDissector : public Dissector {
 public:
    static constexpr std::size_t kMaxLine = 64 * 1024;

    explicit LineDissector(Sink sink) : Dissector(std::move(sink)) {}
    void take(Side sender, std::string_view bytes, Time time) override;
    void gap(Side sender, Time time) override;
    void finish(Side sender) override;
    [[nodiscard]] std::size_t held() const override;

 private:
    struct Direction {
        lab::LineParser parser{kMaxLine};
        Gathered gathered;
        bool raw = false;  // no lines come here
    };
    void tell(Side sender, Direction& direction, bool has_end);

    std::array<Direction, 2> directions_;
};

/// The bytes in `gathered` as a message that no protocol explains.
Message raw_message(Side sender, Gathered& gathered);

}  // namespace wire
