// A chat whose participants are all ours: the poll loop that serves them, and the record of what
// they hear.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compare/measure/record.hpp"
#include "compare/participants/participant.hpp"

namespace compare {

/// The participants of one chat over one transport. They are served while one of the members that
/// wait is called. All members throw std::runtime_error when a connection breaks or a message comes
/// that should not. One thread.
class Session {
 public:
    /// The servers listen on `ports` of 127.0.0.1. Several ones share the room: the participants
    /// are spread over them in turn. `size`: of each text, in bytes.
    Session(const Transport& transport, std::vector<std::string> ports, std::size_t size)
        : transport_(transport), ports_(std::move(ports)), record_(transport.audience, size) {}

    /// Connects `count` participants and waits until each is in; where the transport does not tell,
    /// until each hears something. The first `writers` will write. `short_period`: each has the
    /// short period of the transport's KeepAlive.
    void gather(std::size_t count, bool short_period = false, std::size_t writers = 1);
    /// The time from connect(2) until the transport told a participant that it is in, for each in
    /// milliseconds; empty if the transport does not tell.
    [[nodiscard]] const std::vector<double>& joins() const { return joins_; }

    /// `writers` say the next `count` messages in turn, `rate` a second: each at its due time,
    /// however late earlier ones are. Nothing is said after `limit`, or, if a busy machine has
    /// stopped this program meanwhile, that much later. Returns how many were said.
    std::size_t speak(const std::vector<std::size_t>& writers, std::size_t count, double rate,
                      Clock::time_point limit = Clock::time_point::max());
    /// `writers` say messages in turn until `limit`, the next one whenever fewer than `most` are on
    /// their way to anybody. Returns how many were said.
    std::size_t flood(const std::vector<std::size_t>& writers, std::size_t most,
                      Clock::time_point limit);
    /// The longest time from when a message of speak() was due until it was said, in milliseconds:
    /// this machine, and not the server, adds it to the delays.
    [[nodiscard]] double lateness() const { return lateness_; }
    /// Waits until each has heard what it has to hear. Returns false if nothing was heard for
    /// `silence`, or at `limit`.
    bool settle(std::chrono::milliseconds silence,
                Clock::time_point limit = Clock::time_point::max());
    /// The same without a limit; in place of false it throws, and says what is outstanding.
    void settle_or_throw(std::chrono::milliseconds silence);
    /// When something was heard last, or settle() began to wait.
    [[nodiscard]] Clock::time_point last_heard() const { return last_heard_; }
    /// Serves all for `time`.
    void wait(std::chrono::milliseconds time);
    /// Serves all until no question is open that is answered at once. Over a path with a delay such
    /// a moment may never come.
    void wait_for_quiet();

    void leave(std::size_t who);
    /// Connects participant `who` again, and waits until it has heard something that was said
    /// since.
    void come_back(std::size_t who);

    [[nodiscard]] Record& record() { return record_; }
    [[nodiscard]] std::size_t size() const { return participants_.size(); }
    /// The numbers of all participants.
    [[nodiscard]] std::vector<std::size_t> everybody() const;
    /// Where one usually writes and all hear it: the first participant; in an echo, everybody.
    [[nodiscard]] std::vector<std::size_t> usual_writers() const {
        return transport_.is_echo() ? everybody() : std::vector<std::size_t>{0};
    }
    /// Of all participants together.
    [[nodiscard]] Counts counts() const;

 private:
    using Time = Clock::time_point;

    void say(std::size_t who, Time due);
    void await(const std::function<bool()>& all_in);
    bool serve_until(Time limit, const std::function<bool()>& done);
    void serve_once(Time limit);
    void take_heard(std::size_t who);

    const Transport transport_;
    const std::vector<std::string> ports_;
    Record record_;
    std::vector<std::unique_ptr<Participant>> participants_;
    std::vector<Time> began_;  // when each began to connect
    std::size_t joined_ = 0;
    std::vector<double> joins_;
    double lateness_ = 0;
    Time served_{};
    Time last_heard_{};
    std::size_t first_served_ = 0;  // in gather(): all before it are in
    std::vector<pollfd> sockets_;   // of all that are served
};

}  // namespace compare
