// Requests and their answers, one at a time, over a connection that is kept as long as it lasts.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/client.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

namespace longpoll {

/// A server's answer.
struct Reply {
    int status = 0;
    std::string body;
    std::chrono::milliseconds retry_after{0};  // what a refusal asks for; 0: nothing
};

/// A connection to a server: made when there is something to ask and none is there, used for all
/// that is asked, and given up when it is broken. One thread.
class Exchange {
 public:
    using Clock = std::chrono::steady_clock;
    enum class Result {
        nothing,   // yet
        answered,  // reply() is what was answered
        lost,      // fault() says why there will be no answer
    };

    Exchange(lab::Url url, lab::Trace trace) : url_(std::move(url)), trace_(trace) {}

    /// Sends a request, as ClientConnection::request() does, whose answer is waited for until
    /// `patience` is over. Throws std::system_error if it cannot connect. Not while busy().
    void request(const std::string& method, const std::string& target,
                 std::chrono::seconds patience, const std::vector<http::Field>& fields = {},
                 const std::string& content_type = "", std::string_view body = "");
    /// Whether an answer is still to come.
    [[nodiscard]] bool busy() const { return due_.has_value(); }
    /// Until when; none if not busy().
    [[nodiscard]] std::optional<Clock::time_point> due() const { return due_; }

    /// The socket to poll(2), negative if there is none, and the events to wait for on it.
    [[nodiscard]] int socket() const { return connection_ ? connection_->socket() : -1; }
    [[nodiscard]] short events() const { return connection_ ? connection_->events() : short{0}; }
    /// Does what poll has shown to be possible, if it has shown something (`ready`), and looks at
    /// the time.
    Result serve(bool ready);

    [[nodiscard]] const Reply& reply() const { return reply_; }
    [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
    Result receive();
    Result lose(std::string why);

    const lab::Url url_;
    const lab::Trace trace_;
    std::optional<http::ClientConnection> connection_;
    std::optional<Clock::time_point> due_;
    Reply reply_;
    std::string fault_;
};

}  // namespace longpoll
