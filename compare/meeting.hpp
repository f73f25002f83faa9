// A chat whose participants are all ours: the loop that serves them, and the book of what they
// hear.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compare/counts.hpp"
#include "compare/participant.hpp"
#include "compare/record.hpp"
#include "compare/transport.hpp"

namespace compare {

/// Participants of one chat over one transport, served by one poll loop while one of the members
/// that wait is called. All of these throw std::runtime_error when a connection breaks or a message
/// comes that should not. One thread.
class Meeting {
 public:
    /// The server listens on `port` of 127.0.0.1. `size`: of each text.
    Meeting(const Transport& transport, std::string port, std::size_t size)
        : transport_(transport), port_(std::move(port)), record_(transport.audience, size) {}

    /// Connects `count` participants and waits until each is known to be in: where the transport
    /// does not tell, by what they hear. The first one will be the writer. With `short_beats`, what
    /// comes without anybody speaking comes in the transport's short period.
    void gather(std::size_t count, bool short_beats = false);
    /// How long it took each, in milliseconds, from connect(2) until the transport said that it is
    /// in; those of whom it says nothing are left out.
    [[nodiscard]] const std::vector<double>& joins() const { return joins_; }

    /// The `count` next messages are said at `rate` a second by `writers` in turn; each at its due
    /// time, however late earlier ones are. Nothing is said after `limit`. Returns how many of the
    /// messages were said.
    std::size_t speak(const std::vector<std::size_t>& writers, std::size_t count, double rate,
                      Clock::time_point limit = Clock::time_point::max());
    /// How long after its due time a message of speak() was said, at most, in milliseconds: what
    /// the machine, and not the server, adds to the delays.
    [[nodiscard]] double lateness() const { return lateness_; }
    /// Waits until all that had to be heard is heard, as long as something is heard at least every
    /// `silence`, and at most until `limit`. Returns whether it is.
    bool settle(std::chrono::milliseconds silence,
                Clock::time_point limit = Clock::time_point::max());
    /// When something was heard last, or settle() began to wait.
    [[nodiscard]] Clock::time_point last_heard() const { return last_heard_; }
    /// Serves all for that long.
    void wait(std::chrono::milliseconds span);
    /// Serves all until no question is open that is answered at once. Over a path with a delay such
    /// a moment may never come.
    void wait_for_quiet();

    void leave(std::size_t who);
    /// Connects again, and waits until it has heard something that was said after that.
    void come_back(std::size_t who);

    [[nodiscard]] Record& record() { return record_; }
    /// The event that settle() waits for, in words.
    [[nodiscard]] std::string outstanding() const;
    [[nodiscard]] std::size_t size() const { return participants_.size(); }
    /// Of all participants together.
    [[nodiscard]] Counts counts() const;

 private:
    using Time = Clock::time_point;

    /// Serves all until `done`, or until that time. Returns whether it is done.
    bool serve_until(Time limit, const std::function<bool()>& done);
    void serve_once(Time limit);
    void take_heard(std::size_t who);
    void say(std::size_t who, Time due);
    void await_all_in();

    const Transport transport_;
    const std::string port_;
    Record record_;
    std::vector<std::unique_ptr<Participant>> participants_;
    std::vector<Time> begun_;  // when each began to connect
    std::vector<double> joins_;
    double lateness_ = 0;
    Time served_{};
    Time last_heard_{};
    std::vector<pollfd> sockets_;  // two for each
};

}  // namespace compare
