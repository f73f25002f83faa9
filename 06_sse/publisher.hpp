// The client publishes the lines of its user: one at a time, over one kept connection.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "06_sse/own_posts.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

namespace sse {

/// Publishes lines, one at a time. A line that the server cannot take now waits and is sent again.
/// It complains of a line that the server refuses, and of one that may or may not have been
/// published: to send that again could publish it twice. Its owner polls it.
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
    [[nodiscard]] int socket() const { return client_.socket(); }
    [[nodiscard]] short events() const { return client_.events(); }
    /// When proceed() has to be called although nothing comes.
    [[nodiscard]] Clock::time_point deadline() const;
    /// Takes what has arrived, if `ready`, and begins to publish the next line, if `may_publish`.
    /// Returns whether an answer has come.
    bool proceed(bool ready, bool may_publish);
    /// Nothing more is waited for: complains of each line that is not known to be published.
    void give_up();

 private:
    void publish();
    void take_reply(const http::Reply& reply);
    void pause(const std::string& why, std::chrono::milliseconds asked);

    const std::string target_;
    const std::chrono::milliseconds patience_;
    const std::function<void(const std::string&)> complain_;
    OwnPosts posts_;
    http::Client client_;
    Clock::time_point next_try_;  // nothing is published before
    lab::Backoff backoff_;
};

}  // namespace sse
