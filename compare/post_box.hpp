// How a participant says something over HTTP: POST, one at a time, over a connection that is kept.
#pragma once

#include <poll.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/client.hpp"
#include "compare/counts.hpp"

namespace compare {

/// The bytes, calls and messages of `connection`, as a participant counts them, but for those of
/// texts, which only its owner knows from the rest.
Counts counts_of(const http::ClientConnection& connection);

/// Posts texts in their order: the next one leaves when the one before it is confirmed, as the
/// clients of 06 and 07 do. One thread.
class PostBox {
 public:
    /// Posts to `target` of the server on `port` and wants `status` as the answer. `fields` makes
    /// the further fields of each request.
    PostBox(const std::string& port, std::string target, int status,
            std::function<std::vector<http::Field>()> fields);

    /// Connects, if it has not yet. Throws std::system_error if it cannot.
    void open();
    /// Hangs up. Posts that were not confirmed are forgotten.
    void hang_up();
    void post(std::string_view text);
    /// Whether all is confirmed.
    [[nodiscard]] bool empty() const { return !under_way_ && waiting_.empty(); }

    /// For poll(2).
    [[nodiscard]] pollfd watched() const;
    /// Takes the answer, if it is there, and posts the next one. Throws std::runtime_error if it is
    /// another than it should be. Where the server has ended the idle connection, the next text
    /// makes another.
    void proceed();

    [[nodiscard]] Counts counts() const;

 private:
    void post_next();

    const lab::Url url_;
    const std::string target_;
    const int status_;
    const std::function<std::vector<http::Field>()> fields_;
    std::optional<http::ClientConnection> connection_;
    std::deque<std::string> waiting_;
    bool under_way_ = false;
    Counts counts_;  // of texts, messages and earlier connections
};

}  // namespace compare
