// A participant of the chat: it does what a client of a step does, without a user, and counts.
#pragma once

#include <poll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/participants/counts.hpp"
#include "compare/participants/transport.hpp"

namespace compare {

using Clock = std::chrono::steady_clock;

/// The name of every participant, and the prefix that a server puts before a text because of it.
inline constexpr std::string_view kName = "User";
inline constexpr std::string_view kNamePrefix = "User: ";

/// The most bytes of a line, a message, an event or a receipt.
inline constexpr std::size_t kMaxMessage = 1024 * 1024;

/// `message` without kNamePrefix. Throws std::runtime_error if the prefix is not there.
std::string without_name(std::string_view message);

/// A text that has come, without the name before it.
struct Heard {
    std::string text;
    Clock::time_point when;
};

/// How one participant differs from another of the same transport.
struct ParticipantOptions {
    std::string port;                         // of 127.0.0.1
    bool writes = false;                      // it will say much: its connection for that is made
    std::chrono::milliseconds first_poll{0};  // after this part of the first interval
    /// In place of KeepAlive::period: the interval of polling, or how long a question may wait.
    std::optional<std::chrono::milliseconds> period{};
};

/// One member of a chat, over one transport. Its sockets never block; one loop polls them together
/// with those of the others. It parses all that it receives and counts each byte by its kind. Its
/// members throw std::runtime_error when the server breaks the transport's rules or the connection.
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
    /// Whether each question that the server answers at once has its answer.
    [[nodiscard]] virtual bool quiet() const { return true; }
    /// Whether what is said from now on will be heard here, as far as the transport tells. A bare
    /// stream tells nothing: false until something was heard.
    [[nodiscard]] bool in() const { return in_; }

    /// Its sockets for poll(2); -1 where there is none.
    [[nodiscard]] virtual std::array<pollfd, 2> watched() const = 0;
    /// When proceed() has work although nothing has come; none if there is no such time.
    [[nodiscard]] virtual std::optional<Clock::time_point> due() const { return std::nullopt; }
    /// Reads and writes the sockets of watched() that are ready, and does the work that is due.
    virtual void proceed(bool first_ready, bool second_ready) = 0;

    /// Closes its connections. The server sees a FIN, or an RST if something was not yet read.
    virtual void leave() = 0;
    /// Connects again, and asks for what it has missed where the transport can do so.
    virtual void come_back() = 0;

    /// The texts that came since the last call.
    std::vector<Heard> take_heard() { return std::exchange(heard_, {}); }
    /// All that was counted so far, over earlier connections too.
    [[nodiscard]] virtual Counts counts() const = 0;

 protected:
    /// `text` has come, just now.
    void hear(std::string text) {
        counts_.received.text += text.size();
        heard_.push_back({std::move(text), Clock::now()});
    }

    bool in_ = false;
    Counts counts_;  // those that a connection does not count itself

 private:
    std::vector<Heard> heard_;
};

/// Connects one more participant. Throws std::system_error if it cannot.
std::unique_ptr<Participant> join(const Transport& transport, const ParticipantOptions& options);

}  // namespace compare
