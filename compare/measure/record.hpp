// The record of a chat: what was said, and which participants have to hear it and have. It knows no
// sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compare/participants/transport.hpp"

namespace compare {

/// The text of message `number`: `size` bytes of letters and digits, or as many as the number takes
/// if that is more. No two texts are the same.
std::string text_of(std::size_t number, std::size_t size);

/// Checks that each message comes to each participant that is there: once, whole, and in the order
/// in which its writer said it. A message that is said while a participant is away is missed, until
/// it comes after all.
class Record {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// `size`: of each text, in bytes.
    Record(Audience audience, std::size_t size) : audience_(audience), size_(size) {}

    /// Adds a participant that is not there yet. Returns its number: 0, 1, 2 and so on.
    std::size_t add();
    /// From now on it has to hear everything; or it need not.
    void enter(std::size_t who) { readers_[who].there = true; }
    void leave(std::size_t who) { readers_[who].there = false; }
    [[nodiscard]] bool is_there(std::size_t who) const { return readers_[who].there; }

    /// `who` says the next message, which was `due` at that time. Returns its text.
    std::string say(std::size_t who, Time due);
    /// `who` has heard `text`. Throws std::runtime_error if it should not have: which participant,
    /// and what is wrong.
    void hear(std::size_t who, std::string_view text, Time when);

    [[nodiscard]] std::size_t said() const { return said_.size(); }
    /// How many times a message still has to be heard.
    [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
    /// How many of the messages from `begin` to before `end` `who` has missed and not got since.
    [[nodiscard]] std::size_t missed(std::size_t who, std::size_t begin, std::size_t end) const;
    /// The delays, in milliseconds, of what was heard since the last call and had to be.
    std::vector<double> take_delays();
    /// Which participant has not heard which message; empty if nothing is outstanding.
    [[nodiscard]] std::string first_outstanding() const;

 private:
    enum class State : std::uint8_t { not_for_it, expected, missed, heard };
    struct Said {
        std::size_t writer;
        Time due;
    };
    struct Reader {
        bool there = false;
        std::vector<State> states{};                            // by message
        std::unordered_map<std::size_t, std::size_t> latest{};  // message heard, by writer
    };

    const Audience audience_;
    const std::size_t size_;
    std::vector<Said> said_;
    std::vector<Reader> readers_;
    std::size_t outstanding_ = 0;
    std::vector<double> delays_;
};

}  // namespace compare
