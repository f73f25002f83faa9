#include "04_handshake/client_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/handshake.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"
#include "common/socket.hpp"
#include "common/url.hpp"
#include "common/visible.hpp"

namespace websocket {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kHandshake = 10s;
// Of a refusal's body, so much is shown.
constexpr std::size_t kShownBody = 200;

// Waits until the socket is ready for `events`.
void wait_for(int socket, short events, Clock::time_point deadline) {
    for (;;) {
        if (Clock::now() >= deadline)
            throw std::runtime_error("handshake: no answer in 10 seconds");
        pollfd ready{socket, events, 0};
        const int count = poll(&ready, 1, lab::milliseconds_until(deadline));
        if (count > 0) return;
        if (count < 0 && !lab::try_again()) lab::check("poll", count);
    }
}

}  // namespace

ClientConnection::ClientConnection(const std::string& url, std::size_t max_message,
                                   lab::Trace trace)
    : trace_(trace), parser_(Role::server, max_message) {
    const lab::Url parts = lab::parse_url(url, "ws");
    if (parts.secure) throw std::runtime_error(url + ": TLS is not spoken here: ws:// only");
    socket_ = lab::connect_to(parts.host, parts.port);
    peer_ = lab::peer_address(socket());
    lab::set_nonblocking(socket(), true);
    lab::send_without_delay(socket());
    const std::string key = new_key();
    outgoing_ = handshake_request(lab::authority_of(parts), parts.target, key);
    trace_.sent_lines(peer_, outgoing_);
    shake_hands(key);
}

void ClientConnection::shake_hands(const std::string& key) {
    const auto deadline = Clock::now() + kHandshake;
    while (has_outgoing()) {
        wait_for(socket(), POLLOUT, deadline);
        send_some();
    }
    http::HeadParser answer(http::HeadParser::Kind::response);
    const auto fault = receive_answer(answer, deadline) ? check_response(answer.head(), key)
                                                        : std::optional(answer.error());
    if (!fault) return;
    const std::string reason = answer.head().status > 101 ? receive_reason(deadline) : "";
    throw std::runtime_error("handshake: " + fault->text + (reason.empty() ? "" : ": " + reason));
}

// Receives up to the end of the server's answer. Other answers may come before: 100 (Continue), 103
// (Early Hints). Returns false if what comes is no head of a response. Source: RFC 9110, section
// 15.2.
bool ClientConnection::receive_answer(http::HeadParser& answer, Deadline deadline) {
    for (;;) {
        std::string_view bytes = arrived_;
        const auto result = answer.parse(bytes);
        const std::size_t taken = arrived_.size() - bytes.size();
        if (taken > 0) trace_.received_lines(peer_, arrived_.substr(0, taken));
        arrived_.erase(0, taken);
        if (result == http::HeadParser::Result::bad) return false;
        if (result == http::HeadParser::Result::head) {
            const int status = answer.head().status;
            if (status == 101 || status >= 200) return true;
            answer = http::HeadParser(http::HeadParser::Kind::response);
            continue;
        }
        wait_for(socket(), POLLIN, deadline);
        if (!receive_some()) {
            throw std::runtime_error(
                "handshake: the server ended the connection before its answer");
        }
    }
}

// The first line of a refusal's body, which often says more than its status.
std::string ClientConnection::receive_reason(Deadline deadline) {
    bool more = true;
    while (more && arrived_.find('\n') == std::string::npos && arrived_.size() < kShownBody) {
        wait_for(socket(), POLLIN, deadline);
        more = receive_some();
    }
    return lab::one_line(arrived_.substr(0, std::min(arrived_.find('\n'), kShownBody)));
}

void ClientConnection::send(Opcode opcode, std::string_view payload) {
    if (closing_) return;
    const std::size_t begin = outgoing_.size();
    append_frame(outgoing_, Role::client, opcode, payload);
    if (!trace_.on()) return;
    // The frame is read back from the masked bytes: they tell the key.
    FrameHeaderParser header(Role::client);
    std::string_view bytes = std::string_view(outgoing_).substr(begin);
    header.parse(bytes);
    lab::log("→ " + peer_ + "  " + name_of(opcode) + " frame" +
             table(fields_of(header.header(), payload)));
}

void ClientConnection::close(std::uint16_t code, std::string_view reason) {
    send(Opcode::close, close_payload(code, reason));
    closing_ = true;
}

void ClientConnection::send_some() {
    const ssize_t sent = ::send(socket(), outgoing_.data(), outgoing_.size(), 0);
    lab::capture::sent(socket(), outgoing_.data(), sent);
    if (sent < 0 && lab::try_again()) return;
    lab::check("send", sent);
    outgoing_.erase(0, static_cast<std::size_t>(sent));
}

bool ClientConnection::receive_some() {
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(socket(), buffer.data(), buffer.size(), 0);
    lab::capture::received(socket(), buffer.data(), received);
    if (received < 0 && lab::try_again()) return true;
    lab::check("recv", received);
    arrived_.append(buffer.data(), static_cast<std::size_t>(received));
    if (received == 0) trace_.received_end(peer_);
    return received > 0;
}

std::optional<Message> ClientConnection::next() {
    std::string_view bytes = std::string_view(arrived_).substr(parsed_);
    std::optional<Message> message;
    // Nothing after the server's close frame is read as data.
    while (!message && !server_close_) {
        const auto what = parser_.parse(bytes);
        if (what == MessageParser::Result::need_more) break;
        if (what == MessageParser::Result::bad) fail(parser_.error());
        if (trace_.on()) {
            lab::log("← " + peer_ + "  " + name_of(parser_.frame().opcode) + " frame" +
                     table(fields_of(parser_.frame(), parser_.payload())));
        }
        take_frame(what);
        if (what == MessageParser::Result::message)
            message = {parser_.is_text(), std::string(parser_.message())};
    }
    parsed_ = arrived_.size() - bytes.size();
    if (bytes.empty()) {
        arrived_.clear();
        parsed_ = 0;
    }
    return message;
}

void ClientConnection::take_frame(MessageParser::Result what) {
    if (what == MessageParser::Result::ping) send(Opcode::pong, parser_.payload());
    if (what != MessageParser::Result::close) return;
    server_close_ = parser_.close();
    // The same code goes back, or none.
    const auto code = server_close_->code;
    send(Opcode::close, code ? close_payload(*code, "") : "");
    closing_ = true;
}

// A close frame tells the server why, as far as the socket takes it at once.
void ClientConnection::fail(const Failure& failure) {
    close(failure.code, failure.text);
    send_some();
    lab::capture::shut_down(socket());
    shutdown(socket(), SHUT_WR);
    throw std::runtime_error(peer_ + ": " + std::to_string(failure.code) + ", " + failure.text);
}

}  // namespace websocket
