// One participant of the chat: what a client of a step does, without a user, and counted.
#pragma once

#include <poll.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/counts.hpp"

namespace compare {

using Clock = std::chrono::steady_clock;

/// Something that was heard: the text alone, without the name before it.
struct Heard {
    std::string text;
    Clock::time_point when;
};

/// A connection to a chat, or several, over one transport: sockets that never block, to be polled
/// by one loop together with the others'. It parses all that it receives and counts each byte by
/// its kind. Its members throw std::runtime_error when the server breaks the transport's rules, or
/// the connection. One thread.
class Participant {
 public:
    Participant() = default;
    virtual ~Participant() = default;
    Participant(const Participant&) = delete;
    Participant& operator=(const Participant&) = delete;

    /// Says `text`, at once if nothing is in the way.
    virtual void say(std::string_view text) = 0;
    /// Whether all that was said has left, and is confirmed where the transport confirms it.
    [[nodiscard]] virtual bool settled() const = 0;
    /// Whether no question is open that is answered at once.
    [[nodiscard]] virtual bool quiet() const { return true; }
    /// Whether the transport has told that what is said from now on will be heard here. Over a bare
    /// stream nothing does: false until something was heard.
    [[nodiscard]] virtual bool in() const = 0;

    /// Its sockets to poll(2), -1 where there is none.
    [[nodiscard]] virtual std::array<pollfd, 2> watched() const = 0;
    /// When proceed() has to be called although nothing comes.
    [[nodiscard]] virtual std::optional<Clock::time_point> due() const { return std::nullopt; }
    /// Does what poll has shown to be possible on the sockets of watched(), and what is due.
    virtual void proceed(bool first, bool second) = 0;

    /// Hangs up: the server learns of it at once, by FIN, or RST if something was not yet read. Who
    /// loses the network says nothing, and is found out later.
    virtual void leave() = 0;
    /// Connects again, and asks for what was missed, where the transport knows how to.
    virtual void come_back() = 0;

    /// The messages that were heard since the last call.
    std::vector<Heard> take_heard() { return std::exchange(heard_, {}); }
    /// All that was counted so far, also over earlier connections.
    [[nodiscard]] virtual Counts counts() const = 0;

 protected:
    /// The transport hands out a text, just now.
    void hear(std::string text) { heard_.push_back({std::move(text), Clock::now()}); }

 private:
    std::vector<Heard> heard_;
};

/// The name that every participant has, and what a server puts before a text because of it.
inline constexpr std::string_view kName = "User";
inline constexpr std::string_view kNamePrefix = "User: ";

/// Takes kNamePrefix off the front of `message`. Throws std::runtime_error if it is not there. Any
/// thread may call it.
std::string without_name(std::string_view message);

}  // namespace compare
