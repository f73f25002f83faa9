#include "04_handshake/session.hpp"

#include <optional>
#include <utility>

#include "04_handshake/page_files.hpp"
#include "common/http/page.hpp"

namespace websocket {
namespace {

// Memory for outgoing bytes up to this size is kept for the next ones.
constexpr std::size_t kKeptCapacity = 64 * 1024;

// The response to a plain request for a file of the page, or for what `frames` knows of it; none if
// it is for anything else.
std::optional<http::Response> plain_response(const http::Target& target, const FrameLog& frames) {
    const std::string page = target.path == "/frames" ? FrameLog::page_of(target) : "";
    if (page.empty()) return http::page_response({page_html, page_js, page_css}, target.path);
    return http::Response{200, http::security_fields(), "application/json", frames.json(page)};
}

}  // namespace

Session::Session(std::string peer, std::size_t max_message, lab::Trace trace, FrameLog& frames,
                 std::string guid)
    : peer_(std::move(peer)),
      trace_(trace),
      frames_(frames),
      guid_(std::move(guid)),
      parser_(Role::client, max_message) {
}

void Session::receive(std::string_view bytes) {
    if (state_ == State::handshake) receive_request(bytes);
    // The bytes behind the end of the request are frames already.
    if (state_ == State::open || state_ == State::closing) receive_frames(bytes);
}

void Session::receive_request(std::string_view& bytes) {
    const std::string_view before = bytes;
    const auto result = request_.parse(bytes);
    trace_.received_lines(peer_, before.substr(0, before.size() - bytes.size()));
    if (result == http::HeadParser::Result::bad) refuse(request_.error());
    if (result == http::HeadParser::Result::head) answer_request();
}

void Session::answer_request() {
    const http::Head& request = request_.head();
    http::Target target;
    if (const auto fault = http::parse_target(request, target)) return refuse(*fault);
    if (const auto fault = check_request(request)) return refuse(*fault);
    if (!wants_websocket(request)) {
        if (const auto response = plain_response(target, frames_)) {
            const std::string bytes =
                http::to_bytes(*response, http::Persistence::close, request.method != "HEAD");
            outgoing_ += bytes;
            state_ = State::finished;
            lab::log(peer_ + " got " + request.target);
            trace_.sent_lines(peer_, bytes.substr(0, bytes.find("\r\n\r\n") + 4));
            return;
        }
    }
    if (const auto fault = check_handshake(request)) return refuse(*fault);
    const std::string answer = handshake_response(request, guid_);
    outgoing_ += answer;
    if (target.path == "/") page_ = FrameLog::page_of(target);
    state_ = State::open;
    lab::log(peer_ + " opened " + request.target);
    trace_.sent_lines(peer_, answer);
}

void Session::refuse(const http::Refusal& refusal) {
    const std::string answer =
        http::to_bytes(http::refusal_response(refusal), http::Persistence::close,
                       request_.head().method != "HEAD");
    outgoing_ += answer;
    state_ = State::finished;
    lab::log(peer_ + " refused: " + std::to_string(refusal.status) + ", " + refusal.text);
    trace_.sent_lines(peer_, answer);
}

void Session::time_out() {
    if (state_ == State::handshake)
        refuse({408, "the request did not come to its end in time", {}});
}

void Session::refuse_for_room() {
    refuse({503, "the server is full", {{"Retry-After", "10"}}});
}

void Session::go_away() {
    if (state_ == State::handshake) state_ = State::finished;
    if (state_ != State::open) return;
    send_frame(Opcode::close, close_payload(1001, "the server ends"));
    state_ = State::closing;
}

void Session::receive_frames(std::string_view bytes) {
    while (state_ != State::finished) {
        const auto result = parser_.parse(bytes);
        if (result == MessageParser::Result::need_more) return;
        if (result == MessageParser::Result::bad) return fail(parser_.error());
        show_frame(true, parser_.frame(), parser_.payload());
        take_frame(result);
    }
}

void Session::take_frame(MessageParser::Result what) {
    if (what == MessageParser::Result::close) return take_close();
    // Nothing may follow our own close frame.
    if (state_ == State::closing) return;
    if (what == MessageParser::Result::message)
        send_frame(parser_.is_text() ? Opcode::text : Opcode::binary, parser_.message());
    if (what == MessageParser::Result::ping) send_frame(Opcode::pong, parser_.payload());
}

// Echoes the close frame, unless it is itself the answer to ours.
void Session::take_close() {
    const Close& close = parser_.close();
    if (state_ == State::open)
        send_frame(Opcode::close, close.code ? close_payload(*close.code, "") : "");
    state_ = State::finished;
    lab::log(peer_ + " closed: " + words_of(close));
}

void Session::fail(const Failure& failure) {
    if (trace_.on()) {
        lab::log("← " + peer_ + "  a frame that begins with " +
                 hexadecimal(parser_.header_bytes()) + ": " + failure.text);
    }
    if (state_ == State::open) send_frame(Opcode::close, close_payload(failure.code, failure.text));
    state_ = State::finished;
    lab::log(peer_ + " failed: " + std::to_string(failure.code) + ", " + failure.text);
}

void Session::send_frame(Opcode opcode, std::string_view payload) {
    append_frame(outgoing_, Role::server, opcode, payload);
    show_frame(false, {.opcode = opcode, .masking_key = {}, .length = payload.size()}, payload);
}

void Session::show_frame(bool from_client, const FrameHeader& header, std::string_view payload) {
    if (!trace_.on() && page_.empty()) return;
    const auto fields = fields_of(header, payload);
    if (trace_.on()) {
        lab::log((from_client ? "← " : "→ ") + peer_ + "  " + name_of(header.opcode) + " frame" +
                 table(fields));
    }
    if (!page_.empty()) {
        frames_.add(page_, R"({"from":")" + std::string(from_client ? "browser" : "server") +
                               R"(","fields":)" + json(fields) + "}");
    }
}

void Session::sent(std::size_t count) {
    sent_ += count;
    // The sent bytes are forgotten even while others wait: a slow reader that goes on asking would
    // let them grow for ever. At least half of the string goes at once, so that each byte moves
    // once.
    if (sent_ < outgoing_.size() - sent_) return;
    outgoing_.erase(0, sent_);
    sent_ = 0;
    if (outgoing_.empty() && outgoing_.capacity() > kKeptCapacity) outgoing_.shrink_to_fit();
}

}  // namespace websocket
