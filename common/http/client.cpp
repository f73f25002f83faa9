#include "common/http/client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/number.hpp"
#include "common/socket.hpp"

namespace http {
// --- ClientConnection ---------------------------------------------------------------------------

ClientConnection::ClientConnection(const lab::Url& url, std::size_t max_body, lab::Trace trace)
    : authority_(lab::authority_of(url)),
      trace_(trace),
      socket_(lab::connect_to(url.host, url.port)),
      peer_(lab::peer_address(socket())),
      parser_(MessageParser::Kind::response, max_body) {
    lab::set_nonblocking(socket(), true);
    lab::send_without_delay(socket());
}

void ClientConnection::request(const std::string& method, const std::string& target,
                               const std::vector<Field>& fields, const std::string& content_type,
                               std::string_view body) {
    std::string head = method + " " + target + " HTTP/1.1\r\n";
    const auto add = [&](std::string_view name, std::string_view value) {
        head.append(name).append(": ").append(value).append("\r\n");
    };
    add("Host", authority_);
    // Without this field a server may compress the body: RFC 9110, section 12.5.3.
    add("Accept-Encoding", "identity");
    for (const Field& field : fields) add(field.name, field.value);
    if (!content_type.empty()) {
        add("Content-Type", content_type);
        add("Content-Length", std::to_string(body.size()));
    }
    head += "\r\n";
    trace_.sent_lines(peer_, head);
    if (!body.empty()) trace_.sent(peer_, body);
    outgoing_ += head;
    outgoing_ += body;
    sent_.head += head.size();
    sent_.body += body.size();
}

short ClientConnection::events() const {
    return static_cast<short>((ended_ ? 0 : POLLIN) | (outgoing_.empty() ? 0 : POLLOUT));
}

void ClientConnection::transfer() {
    if (!outgoing_.empty()) {
        const ssize_t sent = send(socket(), outgoing_.data(), outgoing_.size(), 0);
        lab::capture::sent(socket(), outgoing_.data(), sent);
        if (sent < 0 && !lab::try_again()) lab::check("send " + peer_, sent);
        if (sent > 0) {
            outgoing_.erase(0, static_cast<std::size_t>(sent));
            ++sent_.calls;
        }
    }
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(socket(), buffer.data(), buffer.size(), 0);
    lab::capture::received(socket(), buffer.data(), received);
    if (received < 0 && !lab::try_again()) lab::check("recv " + peer_, received);
    if (received > 0) {
        arrived_.append(buffer.data(), static_cast<std::size_t>(received));
        ++received_.calls;
    }
    if (received != 0 || ended_) return;
    ended_ = true;
    trace_.received_end(peer_);
}

ClientConnection::Result ClientConnection::read() {
    const bool in_body = parser_.in_body();
    std::string_view rest = arrived_;
    const auto result = parser_.parse(rest);
    const std::string_view taken =
        std::string_view(arrived_).substr(0, arrived_.size() - rest.size());
    if (!taken.empty()) trace_.received_lines(peer_, taken);
    (in_body ? received_.body : received_.head) += taken.size();
    arrived_.erase(0, taken.size());
    if (result == Result::need_more && ended_) return parser_.finish();
    return result;
}

// --- refusals ------------------------------------------------------------------------------------

bool can_pass(int status) {
    return did_nothing(status) || status == 500 || status == 502 || status == 504;
}

bool did_nothing(int status) {
    return status == 408 || status == 429 || status == 503;
}

std::chrono::milliseconds retry_after(std::string_view value) {
    // A number with more digits is beyond every bound of the lab.
    return std::chrono::seconds(lab::number_in<std::uint32_t>(value).value_or(0));
}

std::chrono::milliseconds retry_after(const Head& response) {
    const auto values = response.values("Retry-After");
    return values.empty() ? std::chrono::milliseconds(0) : retry_after(values.front());
}

// --- Client -------------------------------------------------------------------------------------

void Client::request(const std::string& method, const std::string& target,
                     std::chrono::milliseconds limit, const std::vector<Field>& fields,
                     const std::string& content_type, std::string_view body) {
    // A server may have ended a connection that nobody used for long.
    if (connection_) proceed(true);
    if (!connection_) connection_.emplace(url_, max_body_, trace_);
    connection_->request(method, target, fields, content_type, body);
    deadline_ = Clock::now() + limit;
}

Client::Result Client::proceed(bool ready) {
    if (connection_ && ready) {
        try {
            connection_->transfer();
        } catch (const std::system_error& error) {
            return lose(error.what());
        }
        if (const Result result = receive(); result != Result::nothing) return result;
    }
    if (deadline_ && Clock::now() >= *deadline_) return lose("the server does not answer");
    return Result::nothing;
}

Client::Result Client::receive() {
    using Read = ClientConnection::Result;
    for (;;) {
        const Read read = connection_->read();
        if (read == Read::bad) return lose(connection_->error());
        if (read == Read::need_more)
            return connection_->ended() ? lose("the connection is lost") : Result::nothing;
        if (read != Read::end) continue;
        // To no request: the server says good-bye, as with 408 after a long silence.
        if (!busy()) return lose("");
        deadline_.reset();
        const Head& head = connection_->head();
        reply_ = {head.status, std::move(connection_->body()), retry_after(head)};
        if (head.has_token("Connection", "close")) connection_.reset();
        return Result::replied;
    }
}

// A connection that breaks between two requests is no loss: the next request makes another.
Client::Result Client::lose(std::string why) {
    const bool was_busy = busy();
    error_ = std::move(why);
    connection_.reset();
    deadline_.reset();
    return was_busy ? Result::lost : Result::nothing;
}

}  // namespace http
