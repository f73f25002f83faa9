#include "04_handshake/client_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/handshake.hpp"
#include "common/address.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"
#include "common/socket.hpp"
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
    : trace_(trace), decoder_(Role::server, max_message) {
    const lab::Url parts = lab::parse_url(url, "ws");
    if (parts.secure) throw std::runtime_error(url + ": TLS is not spoken here: ws:// only");
    socket_ = lab::connect_to(parts.host, parts.port);
    peer_ = lab::peer_address(socket());
    lab::set_nonblocking(socket(), true);
    lab::send_without_delay(socket());
    shake_hands(parts);
}

void ClientConnection::shake_hands(const lab::Url& url) {
    const auto deadline = Clock::now() + kHandshake;
    const std::string key = new_key();
    outgoing_ = handshake_request(lab::authority_of(url), url.target, key);
    trace_.sent_lines(peer_, outgoing_);
    while (has_outgoing()) {
        wait_for(socket(), POLLOUT, deadline);
        send_some();
    }
    const http::Head response = receive_head(deadline);
    const std::string fault = fault_of_response(response, key);
    if (fault.empty()) return;
    const std::string reason = response.status == 101 ? "" : receive_reason(deadline);
    throw std::runtime_error("handshake: " + fault + (reason.empty() ? "" : ": " + reason));
}

// Receives the answer. Others may come before it: 100 (Continue), 103 (Early Hints). Source: RFC
// 9110, section 15.2.
http::Head ClientConnection::receive_head(Clock::time_point deadline) {
    http::HeadParser parser(http::HeadParser::Kind::response);
    for (bool more = true; more;) {
        if (arrived_.empty()) {
            wait_for(socket(), POLLIN, deadline);
            more = receive_some();
        }
        std::string_view bytes = arrived_;
        const auto result = parser.parse(bytes);
        const std::size_t taken = arrived_.size() - bytes.size();
        if (taken > 0) trace_.received_lines(peer_, arrived_.substr(0, taken));
        arrived_.erase(0, taken);
        const bool whole = result == http::HeadParser::Result::head;
        const bool interim = whole && parser.head().status < 200 && parser.head().status != 101;
        if (whole && !interim) return parser.head();
        if (interim) parser = http::HeadParser(http::HeadParser::Kind::response);
        if (result == http::HeadParser::Result::bad)
            throw std::runtime_error("handshake: " + parser.refusal().text);
    }
    throw std::runtime_error("handshake: the server ended the connection before its answer");
}

// The first line of a refusal's body, which often says more than its status.
std::string ClientConnection::receive_reason(Clock::time_point deadline) {
    bool more = true;
    while (more && arrived_.find('\n') == std::string::npos && arrived_.size() < kShownBody) {
        wait_for(socket(), POLLIN, deadline);
        more = receive_some();
    }
    return lab::one_line(arrived_.substr(0, std::min(arrived_.find('\n'), kShownBody)));
}

void ClientConnection::send(Opcode opcode, std::string_view payload) {
    if (!closing_) send_frame(opcode, payload);
}

void ClientConnection::close(std::uint16_t code, std::string_view reason) {
    send(Opcode::close, close_payload(code, reason));
    closing_ = true;
}

void ClientConnection::send_frame(Opcode opcode, std::string_view payload) {
    const std::size_t begin = outgoing_.size();
    append_frame(outgoing_, Role::client, opcode, payload);
    if (!trace_.on()) return;
    // What was masked is read back from the bytes: they tell the key.
    FrameHeaderDecoder header(Role::client);
    std::string_view bytes = std::string_view(outgoing_).substr(begin);
    header.decode(bytes);
    lab::log("→ " + peer_ + "  " + name_of(opcode) + " frame" +
             table(fields_of(header.header(), payload)));
}

void ClientConnection::send_some() {
    const ssize_t sent = ::send(socket(), outgoing_.data(), outgoing_.size(), 0);
    if (sent < 0 && lab::try_again()) return;
    lab::check("send", sent);
    outgoing_.erase(0, static_cast<std::size_t>(sent));
}

bool ClientConnection::receive_some() {
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(socket(), buffer.data(), buffer.size(), 0);
    if (received < 0 && lab::try_again()) return true;
    lab::check("recv", received);
    arrived_.append(buffer.data(), static_cast<std::size_t>(received));
    if (received == 0) trace_.received_end(peer_);
    return received > 0;
}

std::optional<Message> ClientConnection::next() {
    std::string_view bytes = std::string_view(arrived_).substr(decoded_);
    std::optional<Message> message;
    // Nothing after the server's close frame is read as data.
    while (!message && !server_close_) {
        const auto what = decoder_.decode(bytes);
        if (what == MessageDecoder::Result::need_more) break;
        if (what == MessageDecoder::Result::bad) fail(decoder_.failure());
        if (trace_.on()) {
            lab::log("← " + peer_ + "  " + name_of(decoder_.frame().opcode) + " frame" +
                     table(fields_of(decoder_.frame(), decoder_.payload())));
        }
        take_frame(what);
        if (what == MessageDecoder::Result::message)
            message = {decoder_.is_text(), std::string(decoder_.message())};
    }
    decoded_ = arrived_.size() - bytes.size();
    if (bytes.empty()) {
        arrived_.clear();
        decoded_ = 0;
    }
    return message;
}

// Tells the server why, as far as the socket takes it at once, and the caller.
void ClientConnection::fail(const Failure& failure) {
    close(failure.code, failure.text);
    send_some();
    shutdown(socket(), SHUT_WR);
    throw std::runtime_error(peer_ + ": " + std::to_string(failure.code) + ", " + failure.text);
}

void ClientConnection::take_frame(MessageDecoder::Result what) {
    if (what == MessageDecoder::Result::ping) send(Opcode::pong, decoder_.payload());
    if (what != MessageDecoder::Result::close) return;
    server_close_ = decoder_.close();
    // The same code goes back, or none.
    const auto code = server_close_->code;
    send(Opcode::close, code ? close_payload(*code, "") : "");
    closing_ = true;
}

}  // namespace websocket
