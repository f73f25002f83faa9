// One connection of common/http/connection without a network: what its unit tests and its fuzzer
// look at.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/connection.hpp"
#include "common/log.hpp"

namespace lab::test {

/// A request of HTTP/1.1 with a Host. `rest` is more header lines, each with CRLF, and behind an
/// empty line the body.
inline std::string raw_request(const std::string& line, const std::string& rest = "\r\n") {
    return line + " HTTP/1.1\r\nHost: a\r\n" + rest;
}

/// A request on one line: method, path, arguments in brackets, and the body.
inline std::string shown(const http::Request& request) {
    std::string text = request.head.method + " " + request.target.path;
    for (const http::Field& field : request.target.arguments)
        text += " [" + field.name + "=" + field.value + "]";
    return text + " " + request.body + "\n";
}

/// `bytes` without the Date of each response in them, which is another one each second.
inline std::string without_dates(std::string bytes) {
    constexpr std::string_view kDate = "\r\nDate: ";
    constexpr std::size_t kSize =
        std::string_view("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT").size();
    for (std::size_t at = bytes.find(kDate); at != std::string::npos; at = bytes.find(kDate))
        bytes.erase(at, kSize);
    return bytes;
}

/// A response that ends its connection: its status and its body, as in "400 why\n".
inline std::string last_response(const std::string& bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos) return "no response";
    if (bytes.substr(0, end).find("\r\nConnection: close") == std::string::npos)
        return "no Connection: close";
    return bytes.substr(9, 4) + bytes.substr(end + 4);
}

/// The server's side of one connection.
struct Served {
    bool has_announced = false;
    http::Connection connection;

    explicit Served(std::string_view bytes = "", http::Connection::Limits limits = {})
        : connection(
              "peer", lab::Trace(false), [this] { has_announced = true; }, limits) {
        connection.receive(bytes);
    }

    /// The bytes that are to be sent now.
    [[nodiscard]] std::string unsent() const {
        const auto [own, shared] = connection.outgoing();
        return std::string(own).append(shared);
    }
    /// The same, which then counts as sent, without Date.
    std::string take() {
        std::string bytes = unsent();
        connection.sent(bytes.size());
        return without_dates(std::move(bytes));
    }
    /// The next request as shown() has it; "none" if there is none.
    std::string next() {
        const auto request = connection.next_request();
        return request ? shown(*request) : "none";
    }
    /// Whether the connection has announced something since the last call.
    bool announced() { return std::exchange(has_announced, false); }
};

/// The result of a stream that arrives in `pieces`: the requests, a line each, each of which is
/// answered at once with its path, and all that was sent.
struct Outcome {
    std::string requests, sent;
    bool operator==(const Outcome&) const = default;
};
inline Outcome serve(const std::vector<std::string_view>& pieces,
                     http::Connection::Limits limits = {}) {
    Served peer("", limits);
    Outcome outcome;
    for (const std::string_view piece : pieces) {
        peer.connection.receive(piece);
        while (const auto request = peer.connection.next_request()) {
            outcome.requests += shown(*request);
            peer.connection.respond({200, {}, "text/plain", request->target.path});
            outcome.sent += peer.take();
        }
        outcome.sent += peer.take();
    }
    return outcome;
}

}  // namespace lab::test
