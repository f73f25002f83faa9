#include "common/http/connection.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace http {
namespace {

// While more than this waits to be sent, no further request is looked at; while more than this
// waits to be looked at, nothing more is read.
constexpr std::size_t kMaxWaiting = 64 * 1024;

// Gives the memory back, too, which an assignment would keep.
void forget(std::string& bytes) {
    std::string().swap(bytes);
}

}  // namespace

enum class Connection::Event {
    begin,         // the first byte of the next request has come
    read,          // the request is whole, or has been refused
    answer,        // the response is given, and the connection stays
    answer_last,   // the response is given, and the connection ends with it
    begin_stream,  // the response is given, and its body goes on
    end_stream,    // all of that body is sent
    finish,        // one of the two sides wants to end, between requests or within one
    close,         // our side of TCP has been ended
    abort,         // the connection is cut off, or has left HTTP
};

// The state after each event in each state. Where the table has no line, the event cannot happen.
void Connection::change(Event event) {
    struct Transition {
        State from;
        Event event;
        State to;
    };
    static constexpr auto kTransitions = std::to_array<Transition>({
        {State::receiving, Event::read, State::owing},
        {State::receiving, Event::finish, State::finished},
        {State::idle, Event::begin, State::receiving},
        {State::idle, Event::read, State::owing},
        {State::idle, Event::finish, State::finished},
        {State::owing, Event::answer, State::idle},
        {State::owing, Event::answer_last, State::finished},
        {State::owing, Event::begin_stream, State::streaming},
        {State::streaming, Event::end_stream, State::finished},
        {State::finished, Event::close, State::closed},
    });
    const auto* const found = std::ranges::find_if(kTransitions, [&](const Transition& line) {
        return line.from == state_ && line.event == event;
    });
    if (event != Event::abort && found == kTransitions.end())
        throw std::logic_error("http::Connection: this cannot happen in this state");
    state_ = event == Event::abort ? State::aborted : found->to;
    ++steps_;
}

Connection::Connection(std::string peer, lab::Trace trace, std::function<void()> announce,
                       Limits limits)
    : peer_(std::move(peer)), trace_(trace), announce_(std::move(announce)), limits_(limits) {
}

// --- requests -----------------------------------------------------------------------------------

void Connection::receive(std::string_view bytes) {
    // Mostly nothing is before them: then they are read where they stand, and not copied.
    if (incoming_.empty() && may_parse() && !parse(bytes)) return;
    if (reads() || state_ == State::owing) incoming_ += bytes;
}

bool Connection::wants_more() const {
    return incoming_.size() < kMaxWaiting && outgoing_.size() < kMaxWaiting;
}

// Whether the next request may be looked at.
bool Connection::may_parse() const {
    return reads() && outgoing_.size() < kMaxWaiting && !shared_ && !(coming_ && coming_->whole);
}

std::optional<Request> Connection::next_request() {
    std::string_view rest = incoming_;
    if (may_parse() && parse(rest)) incoming_.erase(0, incoming_.size() - rest.size());
    if (incoming_.empty()) forget(incoming_);
    if (!coming_ || !coming_->whole) return {};
    std::optional<Request> request(std::in_place);
    request->head = std::move(coming_->parser.head());
    request->target = std::move(coming_->target);
    request->body = std::move(coming_->parser.body());
    coming_.reset();
    change(Event::read);
    to_head_ = request->head.method == "HEAD";
    if (to_head_) request->head.method = "GET";
    if (request->head.minor_version == 0 || request->head.has_token("Connection", "close"))
        keep_alive_ = false;
    return request;
}

// Takes bytes of the next request from the front of `rest`. Returns false if it is refused.
bool Connection::parse(std::string_view& rest) {
    using Result = MessageParser::Result;
    if (rest.empty()) return true;
    if (!coming_) coming_ = std::make_unique<Coming>(limits_);
    MessageParser& parser = coming_->parser;
    Result result{};
    bool head_alone = false;  // nothing has come behind the head so far
    do {
        const bool in_body = parser.in_body();
        const std::string_view before = rest;
        result = parser.parse(rest);
        const std::string_view taken = before.substr(0, before.size() - rest.size());
        if (in_body && !taken.empty()) trace_.received(peer_, taken);
        if (!in_body && !taken.empty()) trace_.received_lines(peer_, taken);
        if (parser.begun() && state_ == State::idle) change(Event::begin);
        if (result == Result::bad) return refuse(parser.error());
        if (result == Result::head && !take_head()) return false;
        if (result == Result::head) head_alone = rest.empty();
    } while (result == Result::head || result == Result::content);
    if (result == Result::need_more && head_alone) tell_to_go_on();
    coming_->whole = result == Result::end;
    return true;
}

// Looks at what the head says of the whole request. Returns false if it is refused.
bool Connection::take_head() {
    const Head& head = coming_->parser.head();
    if (const auto fault = parse_target(head, coming_->target)) return refuse(*fault);
    if (!head.values("Expect").empty() && !head.has_token("Expect", "100-continue"))
        return refuse({417, "no expectation but 100-continue is known here", {}});
    return true;
}

// A client that asks first is told to go on when the head has come, and nothing behind it.
void Connection::tell_to_go_on() {
    const Head& head = coming_->parser.head();
    if (head.minor_version == 0 || !head.has_token("Expect", "100-continue")) return;
    send_lines(status_line(100) + "\r\n");
    announce_();
}

// What breaks a rule of HTTP cannot be read on. Returns false.
bool Connection::refuse(const Refusal& refusal) {
    to_head_ = coming_ && coming_->parser.head().method == "HEAD";
    keep_alive_ = false;
    change(Event::read);
    respond(refusal);
    return false;
}

// --- responses ----------------------------------------------------------------------------------

void Connection::send_lines(std::string_view bytes) {
    trace_.sent_lines(peer_, bytes);
    outgoing_ += bytes;
}

void Connection::send_head(const Response& response, std::optional<std::size_t> length) {
    send_lines(head_to_bytes(response, length,
                             keep_alive_ ? Persistence::keep_alive : Persistence::close));
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

void Connection::respond(const SharedResponse& response) {
    const auto& bytes = keep_alive_ ? response.bytes : response.last_bytes;
    const auto head = std::string_view(*bytes).substr(0, bytes->size() - response.body->size());
    if (to_head_ || response.body->empty()) {
        send_lines(head);
    } else {
        trace_.sent_lines(peer_, head);
        trace_.sent(peer_, *response.body);
        shared_ = bytes;
        shared_sent_ = 0;
    }
    answered();
}

void Connection::respond(const Response& response, std::unique_ptr<Stream> body) {
    keep_alive_ = false;
    send_head(response, std::nullopt);
    if (to_head_) return answered();
    change(Event::begin_stream);
    stream_ = std::move(body);
    forget(incoming_);
    stream_changed();
}

void Connection::answered() {
    change(keep_alive_ ? Event::answer : Event::answer_last);
    coming_.reset();
    if (!keep_alive_) forget(incoming_);
    announce_();
}

void Connection::stream_changed() {
    settle_stream();
    announce_();
}

// A stream that has ended, and of which all is sent, is over, and the connection with it.
void Connection::settle_stream() {
    if (!stream_ || !stream_->ended() || !stream_->outgoing().empty()) return;
    stream_.reset();
    change(Event::end_stream);
}

// --- the end ------------------------------------------------------------------------------------

void Connection::time_out() {
    if (state_ == State::receiving)
        refuse({408, "the request did not come to its end in time", {}});
    if (state_ == State::idle) finish();
}

void Connection::refuse_for_room() {
    refuse({503, "the server is full", {{"Retry-After", "10"}}});
}

std::string Connection::take_unread() {
    change(Event::abort);
    return std::exchange(incoming_, {});
}

void Connection::finish() {
    keep_alive_ = false;
    if (!reads()) return;
    change(Event::finish);
    forget(incoming_);
    coming_.reset();
    announce_();
}

void Connection::close() {
    change(Event::close);
}

void Connection::abort(const std::string& why) {
    lab::log(peer_ + " is cut off: " + why);
    change(Event::abort);
    forget(incoming_);
    forget(outgoing_);
    coming_.reset();
    shared_.reset();
    stream_.reset();
    announce_();
}

// --- sending ------------------------------------------------------------------------------------

std::array<std::string_view, 2> Connection::outgoing() const {
    if (shared_) return {outgoing_, std::string_view(*shared_).substr(shared_sent_)};
    if (stream_) return {outgoing_, stream_->outgoing()};
    return {outgoing_, {}};
}

bool Connection::has_outgoing() const {
    return !outgoing_.empty() || shared_ || (stream_ && !stream_->outgoing().empty());
}

void Connection::sent(std::size_t count) {
    ++steps_;
    const std::size_t own = std::min(count, outgoing_.size());
    const std::size_t shared = count - own;
    outgoing_.erase(0, own);
    if (outgoing_.empty()) forget(outgoing_);
    if (shared_) {
        shared_sent_ += shared;
        if (shared_sent_ == shared_->size()) shared_.reset();
    } else if (stream_ && shared > 0) {
        trace_.sent_lines(peer_, stream_->outgoing().substr(0, shared));
        stream_->sent(shared);
        settle_stream();
    }
}

}  // namespace http
