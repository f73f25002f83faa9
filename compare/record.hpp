// The book of a chat: what was said, and who has to hear it and has. It knows no sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compare/transport.hpp"

namespace compare {

/// The text of the message with this number, `size` bytes of letters and digits, at least as many
/// as the number takes: no two are alike. Any thread may call it.
std::string text_of(std::size_t number, std::size_t size);

/// Checks that each message comes to each who is there once, whole, and in the order in which its
/// writer said it. What is said while somebody is away, is missed; it may still come later. One
/// thread.
class Record {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// `size`: of each text.
    Record(Audience audience, std::size_t size) : audience_(audience), size_(size) {}

    /// One more participant, who is not there yet. Returns its number: 0, 1, 2 and so on.
    std::size_t add();
    /// From now on it has to hear everything; or need not.
    void enter(std::size_t who) { there_[who] = true; }
    void leave(std::size_t who) { there_[who] = false; }
    [[nodiscard]] bool is_there(std::size_t who) const { return there_[who]; }

    /// `who` says the next message, which was `due` at that time. Returns its text.
    std::string say(std::size_t who, Time due);
    /// `who` has heard `text`. Throws std::runtime_error if it should not have: which participant,
    /// and what is wrong.
    void hear(std::size_t who, std::string_view text, Time when);

    [[nodiscard]] std::size_t said() const { return said_.size(); }
    /// How often something was heard that had to be, and how often it still has to.
    [[nodiscard]] std::size_t heard() const { return heard_; }
    [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
    /// Of the messages from `begin` to before `end`, those that `who` has missed for good.
    [[nodiscard]] std::size_t missed(std::size_t who, std::size_t begin, std::size_t end) const;
    /// The delays, in milliseconds, of what was heard since the last call, and had to be.
    std::vector<double> take_delays();
    /// Who has not heard what, in words; empty if nothing is outstanding.
    [[nodiscard]] std::string first_outstanding() const;

 private:
    enum class State : std::uint8_t { not_for_it, expected, missed, heard };
    struct Said {
        std::size_t writer;
        Time due;
    };
    [[nodiscard]] bool concerns(std::size_t who, std::size_t writer) const;

    const Audience audience_;
    const std::size_t size_;
    std::vector<Said> said_;
    std::vector<char> there_;                                           // by participant
    std::vector<std::vector<State>> states_;                            // and by message
    std::vector<std::unordered_map<std::size_t, std::size_t>> latest_;  // heard, by writer
    std::size_t heard_ = 0;
    std::size_t outstanding_ = 0;
    std::vector<double> delays_;
};

}  // namespace compare
