#include "compare/post_box.hpp"

#include <stdexcept>
#include <utility>

namespace compare {
namespace {

constexpr std::size_t kLongestAnswer = 1024 * 1024;

}  // namespace

Counts counts_of(const http::ClientConnection& connection) {
    const auto flow = [](const http::Traffic& traffic) {
        return Flow{.text = 0,
                    .framing = traffic.body,
                    .heads = traffic.head,
                    .messages = 0,
                    .calls = traffic.calls};
    };
    return {flow(connection.sent()), flow(connection.received()), 0, 0};
}

PostBox::PostBox(const std::string& port, std::string target, int status,
                 std::function<std::vector<http::Field>()> fields)
    : url_{.secure = false, .host = "127.0.0.1", .port = port, .target = ""},
      target_(std::move(target)),
      status_(status),
      fields_(std::move(fields)) {
}

void PostBox::open() {
    if (connection_) return;
    connection_.emplace(url_, kLongestAnswer, lab::Trace(false));
    ++counts_.connections;
}

void PostBox::hang_up() {
    if (connection_) counts_ += counts_of(*connection_);
    connection_.reset();
    waiting_.clear();
    under_way_ = false;
}

void PostBox::post(std::string_view text) {
    waiting_.emplace_back(text);
    if (!under_way_) post_next();
}

// Poll will send it: a recv right behind it could take the answer, and poll then never tell of it.
void PostBox::post_next() {
    open();
    const std::string text = std::move(waiting_.front());
    waiting_.pop_front();
    under_way_ = true;
    connection_->request("POST", target_, fields_(), "text/plain; charset=utf-8", text);
    counts_.sent.text += text.size();
    counts_.sent.framing -= text.size();  // counts_of() has them there
    ++counts_.sent.messages;
    ++counts_.requests;
}

pollfd PostBox::watched() const {
    if (!connection_) return {-1, 0, 0};
    return {connection_->socket(), connection_->events(), 0};
}

void PostBox::proceed() {
    using Result = http::ClientConnection::Result;
    connection_->transfer();
    for (Result result = connection_->read(); result != Result::need_more;
         result = connection_->read()) {
        if (result == Result::bad) throw std::runtime_error(connection_->error());
        // The server ends a connection that has waited too long: no answer to anything.
        if (result == Result::head && connection_->head().status == 408 && empty())
            return hang_up();
        if (result == Result::head && connection_->head().status != status_) {
            throw std::runtime_error("POST: " + std::to_string(connection_->head().status) + " " +
                                     connection_->head().reason);
        }
        if (result != Result::end) continue;
        ++counts_.received.messages;
        under_way_ = false;
        if (!waiting_.empty()) post_next();
    }
    if (connection_->ended() && !empty())
        throw std::runtime_error("the server ended the connection before its answer");
    if (connection_->ended()) hang_up();
}

Counts PostBox::counts() const {
    Counts all = counts_;
    if (connection_) all += counts_of(*connection_);
    return all;
}

}  // namespace compare
