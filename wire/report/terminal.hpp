// The report for a terminal: a line for each message, as it is found.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>

#include "wire/report/words.hpp"
#include "wire/streams/reader.hpp"

namespace wire {

/// Writes a line for each connection and each message. → is what a client sends, ← what a server
/// sends; times count from the first message.
class TerminalReport {
 public:
    /// `fields`: under each message, what its bytes mean.
    TerminalReport(std::ostream& out, Style style, bool fields)
        : out_(out), style_(style), fields_(fields) {}

    void add(const Connection& connection);
    void add(const Message& message);
    [[nodiscard]] std::uint64_t messages() const { return messages_; }

 private:
    void show_fields(const Message& message);
    void show_table(const Table& table);

    std::ostream& out_;
    Style style_;
    bool fields_;
    std::uint64_t messages_ = 0;
    std::optional<Time> begin_;
};

}  // namespace wire
