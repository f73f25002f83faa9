#include "compare/participants/http.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

namespace compare {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
// The server ends an idle connection: this is no answer to a request. RFC 9110, section 15.5.9.
constexpr int kRequestTimeout = 408;

Flow flow_of(const http::Traffic& traffic) {
    return {.bytes = traffic.head + traffic.body, .headers = traffic.head, .calls = traffic.calls};
}

}  // namespace

// --- HttpConnection -----------------------------------------------------------------------------

HttpConnection::HttpConnection(const std::string& port, int status, std::size_t max_body)
    : url_{.secure = false, .host = "127.0.0.1", .port = port, .target = ""},
      status_(status),
      max_body_(max_body) {
}

void HttpConnection::open() {
    if (connection_) return;
    connection_.emplace(url_, max_body_, lab::Trace(false));
    ++counts_.connections;
}

void HttpConnection::close() {
    counts_ = counts();
    connection_.reset();
    method_.clear();
}

void HttpConnection::request(const std::string& method, const std::string& target,
                             const std::vector<http::Field>& fields, const std::string& type,
                             std::string_view body) {
    open();
    method_ = method;
    connection_->request(method, target, fields, type, body);
    ++counts_.sent.messages;
    ++counts_.requests;
}

pollfd HttpConnection::watched() const {
    if (!connection_) return {-1, 0, 0};
    return {connection_->socket(), connection_->events(), 0};
}

void HttpConnection::proceed(const std::function<void(Result)>& take) {
    connection_->transfer();
    for (;;) {
        const Result result = connection_->read();
        if (result == Result::bad) throw std::runtime_error(connection_->error());
        if (result == Result::need_more) break;
        const http::Head& head = connection_->head();
        if (!pending() && head.status == kRequestTimeout) return close();
        if (head.status != status_)
            throw std::runtime_error(method_ + ": " + std::to_string(head.status) + " " +
                                     head.reason);
        const bool last = result == Result::end && head.has_token("Connection", "close");
        if (result == Result::end) ++counts_.received.messages;
        if (result == Result::end) method_.clear();
        take(result);
        if (last) return close();
    }
    if (!connection_->ended()) return;
    if (pending()) throw std::runtime_error("the server ended the connection before its answer");
    close();
}

Counts HttpConnection::counts() const {
    Counts all = counts_;
    if (!connection_) return all;
    all.sent += flow_of(connection_->sent());
    all.received += flow_of(connection_->received());
    return all;
}

// --- HttpParticipant ----------------------------------------------------------------------------

HttpParticipant::HttpParticipant(const ParticipantOptions& options, std::string target, int status)
    : news_(options.port, 200, kNoLimit),
      posts_(options.port, status, kMaxMessage),
      target_(std::move(target)) {
    if (options.writes) posts_.open();
}

void HttpParticipant::say(std::string_view text) {
    texts_.emplace_back(text);
    post_next();
}

void HttpParticipant::post_next() {
    if (posts_.pending() || texts_.empty()) return;
    const std::string text = std::move(texts_.front());
    texts_.pop_front();
    posts_.request("POST", target_, post_fields(), "text/plain; charset=utf-8", text);
    counts_.sent.text += text.size();
}

std::array<pollfd, 2> HttpParticipant::watched() const {
    return {news_.watched(), posts_.watched()};
}

void HttpParticipant::proceed(bool news_ready, bool posts_ready) {
    if (news_ready) news_.proceed([&](HttpConnection::Result result) { take(result); });
    if (posts_ready) posts_.proceed([](HttpConnection::Result) {});
    post_next();
}

void HttpParticipant::leave() {
    news_.close();
    posts_.close();
    texts_.clear();
    in_ = false;
}

Counts HttpParticipant::counts() const {
    Counts all = counts_;
    all += news_.counts();
    all += posts_.counts();
    return all;
}

}  // namespace compare
