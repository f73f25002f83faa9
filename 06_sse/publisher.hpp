// The connection on which the client publishes what its user says.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "06_sse/own_posts.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

namespace sse {

/// Publishes lines, one at a time, on a connection that is made for the first and kept. A line that
/// the server cannot take now waits and is sent again; one that it refuses, or of which nobody
/// knows whether it was taken, is complained of: publishing again what may have been published
/// would be to say it twice. To be polled by its owner. One thread.
class Publisher {
 public:
    using Clock = std::chrono::steady_clock;

    /// Publishes to `target` of the server of `url`, and nowhere else: a redirect is a refusal
    /// here. An answer may take `patience`. `complain` is called with each line that says what was
    /// not done.
    Publisher(lab::Url url, std::string target, std::chrono::milliseconds patience,
              lab::Trace trace, std::function<void(const std::string&)> complain);

    /// The lines: the owner adds them, and tells which have come back.
    [[nodiscard]] OwnPosts& posts() { return posts_; }

    /// The socket to poll(2), -1 if there is none, and the events to wait for on it.
    [[nodiscard]] int socket() const { return connection_ ? connection_->socket() : -1; }
    [[nodiscard]] short events() const { return connection_ ? connection_->events() : short{0}; }
    /// When proceed() has to be called although nothing comes.
    [[nodiscard]] Clock::time_point deadline() const;
    /// Takes what has arrived, if `ready`, and begins to publish the next line, if `may_publish`.
    /// Returns whether an answer has come.
    bool proceed(bool ready, bool may_publish);
    /// Nothing more is waited for: complains of each line that is not known to be published.
    void give_up();

 private:
    void publish();
    [[nodiscard]] bool can_publish_on_it();
    bool receive();
    void take_answer();
    void fail(const std::string& why);
    void pause(const std::string& why, std::chrono::milliseconds asked);

    const lab::Url url_;
    const std::string target_;
    const std::chrono::milliseconds patience_;
    const lab::Trace trace_;
    const std::function<void(const std::string&)> complain_;
    OwnPosts posts_;
    std::optional<http::ClientConnection> connection_;
    Clock::time_point due_;       // of the answer, while a line is under way
    Clock::time_point next_try_;  // nothing is published before
    lab::Backoff backoff_;
};

}  // namespace sse
