// The client publishes the lines of its user, one at a time, over one kept connection, and waits
// until they have come back on the stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "06_sse/feed.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

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
