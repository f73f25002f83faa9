// The counts of a participant of the chat: bytes by kind, messages, calls.
#pragma once

#include <cstdint>

namespace compare {

/// What went one way. A plain value.
struct Flow {
    std::uint64_t text = 0;      // bytes of what people say
    std::uint64_t framing = 0;   // bytes that the transport puts around it, and the name before it
    std::uint64_t heads = 0;     // bytes of heads of HTTP
    std::uint64_t messages = 0;  // lines, frames, events and comments, requests, answers, datagrams
    std::uint64_t calls = 0;     // send(2) or recv(2) that moved anything

    bool operator==(const Flow&) const = default;
    Flow& operator+=(const Flow& other) {
        text += other.text;
        framing += other.framing;
        heads += other.heads;
        messages += other.messages;
        calls += other.calls;
        return *this;
    }
    Flow& operator-=(const Flow& other) {
        text -= other.text;
        framing -= other.framing;
        heads -= other.heads;
        messages -= other.messages;
        calls -= other.calls;
        return *this;
    }
    /// All bytes that were counted: those of TCP and IP are not among them.
    [[nodiscard]] std::uint64_t bytes() const { return text + framing + heads; }
};

/// Both ways, as the participant sees them. A plain value.
struct Counts {
    Flow sent, received;
    std::uint64_t requests = 0;     // of HTTP, the handshake of WebSocket among them
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
