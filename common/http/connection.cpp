#include "common/http/connection.hpp"

#include <algorithm>
#include <utility>

#include "common/visible.hpp"

namespace http {
namespace {

// While more than this waits to be sent, no further request is looked at; while more than this
// waits to be looked at, nothing more is read.
constexpr std::size_t kMostWaiting = 64 * 1024;

// Gives the memory back, too, which an assignment would keep.
void forget(std::string& bytes) {
    std::string().swap(bytes);
}

}  // namespace

Connection* Outbox::next() {
    if (connections_.empty()) return nullptr;
    Connection* const first = connections_.front();
    connections_.pop_front();
    first->announced_ = false;
    return first;
}

Connection::Connection(std::string peer, lab::Trace trace, Outbox& outbox)
    : Connection(std::move(peer), trace, outbox, Limits{}) {
}

Connection::Connection(std::string peer, lab::Trace trace, Outbox& outbox, Limits limits)
    : peer_(std::move(peer)), trace_(trace), outbox_(outbox), limits_(limits) {
}

Connection::~Connection() {
    if (announced_) std::erase(outbox_.connections_, this);
}

void Connection::announce() {
    if (announced_) return;
    announced_ = true;
    outbox_.connections_.push_back(this);
}

// --- requests -----------------------------------------------------------------------------------

void Connection::receive(std::string_view bytes) {
    const bool reads =
        state_ == State::idle || state_ == State::receiving || state_ == State::owing;
    if (reads) incoming_ += bytes;
}

bool Connection::wants_more() const {
    return incoming_.size() < kMostWaiting && outgoing_.size() < kMostWaiting;
}

std::optional<Request> Connection::next_request() {
    const bool reads = state_ == State::idle || state_ == State::receiving;
    if (!reads || incoming_.empty() || outgoing_.size() >= kMostWaiting || body_) return {};
    if (!parse()) return {};
    Request request = std::move(coming_->request);
    coming_.reset();
    ++requests_;
    state_ = State::owing;
    to_head_ = request.head.method == "HEAD";
    if (to_head_) request.head.method = "GET";
    last_ = request.head.minor_version == 0 || request.head.has_token("Connection", "close");
    return request;
}

// Returns whether the request has come whole.
bool Connection::parse() {
    if (!coming_) coming_ = std::make_unique<Coming>(limits_);
    std::string_view rest = incoming_;
    const bool whole = (coming_->body || take_head(rest)) && take_body(rest);
    if (state_ == State::finished) return false;
    incoming_.erase(0, incoming_.size() - rest.size());
    if (incoming_.empty()) incoming_.shrink_to_fit();
    return whole;
}

bool Connection::take_head(std::string_view& bytes) {
    const std::string_view before = bytes;
    const auto result = coming_->head.parse(bytes);
    trace_.received_lines(peer_, before.substr(0, before.size() - bytes.size()));
    if (coming_->head.begun()) state_ = State::receiving;
    if (result == HeadParser::Result::bad) return refuse(coming_->head.refusal());
    return result == HeadParser::Result::head && begin_body();
}

// Looks at what the head says of the whole request. Returns false if it is refused.
bool Connection::begin_body() {
    Head& head = coming_->request.head;
    head = std::move(coming_->head.head());
    auto target = target_of(head);
    if (const auto* const fault = std::get_if<Refusal>(&target)) return refuse(*fault);
    const auto framing = framing_of_request(head);
    if (const auto* const fault = std::get_if<Refusal>(&framing)) return refuse(*fault);
    const auto expectations = head.values("Expect");
    if (!expectations.empty() && !head.has_token("Expect", "100-continue"))
        return refuse({417, "no expectation but 100-continue is known here", {}});
    coming_->request.target = std::get<Target>(std::move(target));
    coming_->body.emplace(std::get<Framing>(framing), limits_.body);
    return true;
}

bool Connection::take_body(std::string_view& bytes) {
    const std::string_view before = bytes;
    const auto result = coming_->body->decode(bytes, coming_->request.body);
    if (before.size() > bytes.size())
        trace_.received(peer_, before.substr(0, before.size() - bytes.size()));
    if (result == BodyDecoder::Result::bad) return refuse(coming_->body->refusal());
    // A client that asks first is told to go on when the head has come, and nothing behind it.
    const Head& head = coming_->request.head;
    if (result == BodyDecoder::Result::need_more && before.empty() && head.minor_version > 0 &&
        head.has_token("Expect", "100-continue")) {
        const std::string interim = status_line(100) + "\r\n";
        trace_.sent_lines(peer_, interim);
        outgoing_ += interim;
        announce();
    }
    return result == BodyDecoder::Result::end;
}

// What breaks a rule of HTTP cannot be read on. Returns false.
bool Connection::refuse(const Refusal& refusal) {
    const auto is_head = [](const Head& head) { return head.method == "HEAD"; };
    to_head_ = coming_ && (is_head(coming_->request.head) || is_head(coming_->head.head()));
    last_ = true;
    state_ = State::owing;
    respond(refusal);
    return false;
}

// --- responses ----------------------------------------------------------------------------------

void Connection::send_head(const Response& response, std::optional<std::size_t> length) {
    const std::string head =
        head_to_bytes(response, length, last_ ? Persistence::close : Persistence::keep_alive);
    trace_.sent_lines(peer_, head);
    outgoing_ += head;
}

void Connection::respond(const Response& response) {
    if (response.status >= 400) {
        lab::log(peer_ + " refused: " + std::to_string(response.status) + ", " +
                 response.body.substr(0, response.body.find('\n')));
    }
    send_head(response, response.body.size());
    if (!to_head_ && !response.body.empty()) {
        trace_.sent(peer_, response.body);
        outgoing_ += response.body;
    }
    answered();
}

void Connection::respond(const Response& response, std::shared_ptr<const std::string> body) {
    send_head(response, body->size());
    if (!to_head_ && !body->empty()) {
        trace_.sent(peer_, *body);
        body_ = std::move(body);
        body_sent_ = 0;
    }
    answered();
}

void Connection::respond(const Response& response, std::unique_ptr<Stream> body) {
    last_ = true;
    send_head(response, std::nullopt);
    if (to_head_) return answered();
    stream_ = std::move(body);
    state_ = State::streaming;
    forget(incoming_);
    stream_changed();
}

void Connection::answered() {
    state_ = last_ ? State::finished : State::idle;
    coming_.reset();
    if (last_) forget(incoming_);
    announce();
}

void Connection::stream_changed() {
    settle_stream();
    announce();
}

// A stream that has ended, and of which all is sent, is over, and the connection with it.
void Connection::settle_stream() {
    if (!stream_ || !stream_->ended() || !stream_->outgoing().empty()) return;
    stream_.reset();
    state_ = State::finished;
}

// --- the end ------------------------------------------------------------------------------------

void Connection::time_out() {
    if (state_ == State::receiving || (state_ == State::idle && requests_ == 0)) {
        refuse({408, "the request did not come to its end in time", {}});
    } else if (state_ == State::idle) {
        finish();
    }
}

void Connection::refuse_for_room() {
    refuse({503, "the server is full", {{"Retry-After", "10"}}});
}

std::string Connection::take_unread() {
    state_ = State::aborted;
    return std::exchange(incoming_, {});
}

void Connection::finish() {
    last_ = true;
    if (state_ != State::idle && state_ != State::receiving) return;
    state_ = State::finished;
    forget(incoming_);
    coming_.reset();
    announce();
}

void Connection::abort(const std::string& why) {
    lab::log(peer_ + " is cut off: " + why);
    state_ = State::aborted;
    forget(incoming_);
    forget(outgoing_);
    coming_.reset();
    body_.reset();
    stream_.reset();
    announce();
}

// --- sending ------------------------------------------------------------------------------------

std::array<std::string_view, 2> Connection::outgoing() const {
    if (body_) return {outgoing_, std::string_view(*body_).substr(body_sent_)};
    if (stream_) return {outgoing_, stream_->outgoing()};
    return {outgoing_, {}};
}

bool Connection::has_outgoing() const {
    const auto [own, shared] = outgoing();
    return !own.empty() || !shared.empty();
}

void Connection::sent(std::size_t count) {
    const std::size_t own = std::min(count, outgoing_.size());
    const std::size_t shared = count - own;
    outgoing_.erase(0, own);
    if (outgoing_.empty()) outgoing_.shrink_to_fit();
    if (body_) {
        body_sent_ += shared;
        if (body_sent_ == body_->size()) body_.reset();
    } else if (stream_ && shared > 0) {
        trace_.sent_lines(peer_, stream_->outgoing().substr(0, shared));
        stream_->sent(shared);
        settle_stream();
    }
}

}  // namespace http
