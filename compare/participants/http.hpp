// Participants over HTTP: one connection to hear, another to post.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/client.hpp"
#include "compare/participants/participant.hpp"

namespace compare {

/// A connection that is kept, and over which one request goes at a time. It is made with the first
/// request; if the server ends it while no answer is due, the next request makes another.
class HttpConnection {
 public:
    using Result = http::ClientConnection::Result;

    /// `status`: the only one that is no fault. `max_body`: the most bytes that an answer may have.
    HttpConnection(const std::string& port, int status, std::size_t max_body);

    /// Connects, unless it is connected. Throws std::system_error if it cannot.
    void open();
    /// Closes the connection; a request without its answer is forgotten.
    void close();
    /// Sends a request, which leaves with the next proceed(). Not while another is pending().
    void request(const std::string& method, const std::string& target,
                 const std::vector<http::Field>& fields = {}, const std::string& type = "",
                 std::string_view body = "");
    /// Whether an answer is not whole yet.
    [[nodiscard]] bool pending() const { return !method_.empty(); }

    [[nodiscard]] pollfd watched() const;
    /// Sends and receives what it can, and calls `take` for each part of an answer. Throws
    /// std::runtime_error if the answer is not what it should be, or will not come.
    void proceed(const std::function<void(Result)>& take);
    /// The content of the answer so far, which `take` may take out.
    std::string& body() { return connection_->body(); }

    /// All but texts, over earlier connections too.
    [[nodiscard]] Counts counts() const;

 private:
    const lab::Url url_;
    const int status_;
    const std::size_t max_body_;
    std::optional<http::ClientConnection> connection_;
    std::string method_;  // of the request that has no whole answer yet
    Counts counts_;       // messages, and what earlier connections have counted
};

/// A participant that hears by answers to GET, and says something by POST: one text at a time, the
/// next one when the one before it is confirmed, as the clients of 06 and 07 do.
class HttpParticipant : public Participant {
 public:
    void say(std::string_view text) override;
    [[nodiscard]] bool settled() const override { return !posts_.pending() && texts_.empty(); }
    [[nodiscard]] std::array<pollfd, 2> watched() const override;
    void proceed(bool news_ready, bool posts_ready) override;
    void leave() override;
    [[nodiscard]] Counts counts() const override;

 protected:
    /// Posts to `target`, and wants `status` as the answer.
    HttpParticipant(const ParticipantOptions& options, std::string target, int status);
    /// A part of the answer to a GET has come.
    virtual void take(HttpConnection::Result result) = 0;
    /// Further headers of a POST.
    [[nodiscard]] virtual std::vector<http::Field> post_fields() const { return {}; }

    HttpConnection news_;

 private:
    void post_next();

    HttpConnection posts_;
    const std::string target_;
    std::deque<std::string> texts_;  // to be posted
};

}  // namespace compare
