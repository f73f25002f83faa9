// The lines that the client's user says, until they have come back on the stream. It knows no
// sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "06_sse/gap.hpp"

namespace sse {

/// Lines that wait to be published, one that is under way, and how far those that were published
/// have come back.
class OwnPosts {
 public:
    /// A line to be published, without its end.
    void add(std::string line);
    /// The next line to be published, which is then under way; none if there is none, or if an
    /// earlier one is still under way.
    std::optional<std::string> next();
    /// The server has answered the one under way. Returns what is to be told of it; empty: it was
    /// published.
    [[nodiscard]] std::string answered(int status, std::string_view body);
    /// The connection broke before the answer came. Returns what is to be told; empty: nothing was
    /// under way.
    [[nodiscard]] std::string broke();

    /// The server has done nothing with the one under way: it is the next again.
    void put_back();

    /// An event with this id has come; or the server has told that events are missing.
    void seen(std::string_view id);
    void seen(const Gap& gap);

    [[nodiscard]] bool under_way() const { return under_way_.has_value(); }
    [[nodiscard]] bool waiting() const { return !waiting_.empty(); }
    /// In bytes: who reads the input has to bound it.
    [[nodiscard]] std::size_t size_waiting() const { return size_waiting_; }
    /// Whether everything was answered, and all that was published has come back.
    [[nodiscard]] bool all_done() const;
    /// Takes out what was never sent, and tells it line by line.
    [[nodiscard]] std::deque<std::string> give_up();

 private:
    std::deque<std::string> waiting_;
    std::size_t size_waiting_ = 0;
    std::optional<std::string> under_way_;
    std::uint64_t published_ = 0;  // the id of our last one
    std::uint64_t seen_ = 0;       // the id of the last event on the stream
};

}  // namespace sse
