// Helpers for the tests of 07_longpoll: requests, and a client that asks and posts.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/socket.hpp"
#include "tests/07_longpoll/support/json.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test::longpoll {

inline const std::string kStep = "07_longpoll";

/// A request for the messages; `query` is "after=0&wait=25".
std::string news_request(const std::string& query);

/// A request to post `text`; `query` is "name=Ada", percent-encoded. `fields` are more header
/// lines, each with CRLF; there is a Content-Type.
std::string post_request(std::string_view text, const std::string& query = "",
                         const std::string& fields = "");

/// The texts of the messages, joined by `|`.
std::string texts_of(const News& news);
/// "`prefix`1|`prefix`2|…", from `first` to `last`.
std::string numbered(const std::string& prefix, std::uint64_t first, std::uint64_t last);

/// A server that answers with much at once: with more than the kernel takes for one who does not
/// read.
inline const std::vector<std::string> kLargeAnswers{"--max-answer", "33554432"};

/// One connection to the server, kept for many requests, the responses to which are checked. Each
/// member waits at most kDeadline and fails the case after that. One thread at a time.
class Caller {
 public:
    /// Connects to `server`. `receive_buffer`: see Connection.
    explicit Caller(const Server& server, int receive_buffer = 0, Place place = Place::here())
        : connection_(server, receive_buffer, place) {}
    /// Connects to what listens at `port` of this machine.
    explicit Caller(const std::string& port, Place place = Place::here())
        : connection_(connect_or_fail("127.0.0.1", port, place)) {}

    [[nodiscard]] Connection& connection() { return connection_; }

    /// Asks for messages; the response is for news().
    void ask(const std::string& query, Place place = Place::here());
    /// Receives the response to that.
    News news(const std::string& hint, Place place = Place::here());
    /// Both, one after the other.
    News news_of(const std::string& query, const std::string& hint, Place place = Place::here());

    /// Posts `text`, and receives the response to that.
    Receipt post(std::string_view text, const std::string& query = "", Place place = Place::here());
    /// Receives the response to a request to post.
    Receipt receipt(const std::string& hint, Place place = Place::here());
    /// Posts `prefix` and a number, from `first` to `last`, all at once: they must get these ids.
    void post_numbered(const std::string& prefix, std::uint64_t first, std::uint64_t last,
                       Place place = Place::here());

    /// Posts kMuch messages of kLong bytes: over 8 MB.
    void post_much(Place place = Place::here());
    static constexpr std::uint64_t kMuch = 140;
    static constexpr std::size_t kLong = 60'000;

    /// Asks, and must not be answered for `limit`.
    void park(const std::string& query, std::chrono::milliseconds limit, const std::string& hint,
              Place place = Place::here());

 private:
    Connection connection_;
};

/// Returns when the server has handled what had been sent to it before, on other connections too:
/// one who asks only once knows no more than that it is there.
void settle(const Server& server, Place place = Place::here());

/// Waits until there is room for one more: it takes a moment until the server has let go of
/// another.
Caller expect_room(const Server& server, const std::string& hint, Place place = Place::here());

/// A new client posts, and another reads that.
void expect_chat(const Server& server, const std::string& hint, Place place = Place::here());

}  // namespace lab::test::longpoll
