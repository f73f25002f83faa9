// What a participant counts: bytes by kind, messages, calls.
#pragma once

#include <array>
#include <cstdint>

namespace compare {

/// The traffic in one direction.
struct Flow {
    std::uint64_t bytes = 0;     // all of them, without those of TCP and IP
    std::uint64_t text = 0;      // the bytes that people say
    std::uint64_t headers = 0;   // the bytes of HTTP's start lines and headers
    std::uint64_t messages = 0;  // lines, frames, events and comments, requests, answers, datagrams
    std::uint64_t calls = 0;     // of send(2) or recv(2) that moved bytes

    /// The bytes that the transport puts around a text, and the name before it.
    [[nodiscard]] std::uint64_t framing() const { return bytes - text - headers; }

    bool operator==(const Flow&) const = default;
    Flow& operator+=(const Flow& other) {
        for (const auto count : kCounts) this->*count += other.*count;
        return *this;
    }
    Flow& operator-=(const Flow& other) {
        for (const auto count : kCounts) this->*count -= other.*count;
        return *this;
    }

 private:
    static constexpr std::array kCounts{&Flow::bytes, &Flow::text, &Flow::headers, &Flow::messages,
                                        &Flow::calls};
};

/// Both directions, as the participant sees them.
struct Counts {
    Flow sent, received;
    std::uint64_t requests = 0;     // of HTTP; the handshake of WebSocket is one
    std::uint64_t connections = 0;  // that were made

    bool operator==(const Counts&) const = default;
    Counts& operator+=(const Counts& other) {
        sent += other.sent;
        received += other.received;
        requests += other.requests;
        connections += other.connections;
        return *this;
    }
    Counts& operator-=(const Counts& other) {
        sent -= other.sent;
        received -= other.received;
        requests -= other.requests;
        connections -= other.connections;
        return *this;
    }
};

}  // namespace compare
