// From packets to messages: connections, the order of their bytes, their protocols.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "wire/capture_file/packet.hpp"
#include "wire/dissect/dissector.hpp"
#include "wire/streams/segment.hpp"
#include "wire/streams/stream_assembler.hpp"

namespace wire {

/// A TCP connection, or the datagrams between two endpoints.
struct Connection {
    std::uint64_t number = 0;  // from 1 on, in the order of the file
    Protocol protocol = Protocol::tcp;
    Endpoint client, server;
};

/// Which messages are wanted.
struct Filter {
    std::uint16_t port = 0;        // of either end; 0: any
    std::uint64_t connection = 0;  // 0: any
    bool packets = false;          // the packets themselves, in place of the messages in them
};

/// Finds the connections in the packets of a capture, and the messages in each. It knows no files
/// and no sockets: packets go in, messages come out, in the order of the capture. Bounded: it
/// follows kMaxConnections connections, and keeps kMaxHeld bytes for messages that are not whole;
/// beyond that, the connection that has been silent for longest is forgotten.
class Reader {
 public:
    static constexpr std::size_t kMaxConnections = 4096;
    static constexpr std::size_t kMaxHeld = 64 * 1024 * 1024;

    /// `announce` gets each connection before its first message, `sink` the messages.
    Reader(Filter filter, std::function<void(const Connection&)> announce, Sink sink);
    ~Reader();

    void take(const Packet& packet);
    /// The capture has ended: hands out what is left of each connection.
    void finish();

    /// Packets that are not shown, by the reason.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& passed_over() const {
        return passed_over_;
    }
    [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
    struct Conversation;
    using Key = std::pair<Endpoint, Endpoint>;  // the smaller endpoint first
    using Lookup = std::pair<Protocol, Key>;

    Conversation& conversation_of(const Segment& segment);
    Conversation& begin(const Lookup& lookup, const Segment& segment);
    void forget(std::list<Conversation>::iterator conversation);
    void take_tcp(Conversation& conversation, const Segment& segment, Time time);
    void show_packet(Conversation& conversation, const Segment& segment, Time time);
    void show_tcp(const Conversation& conversation, Side sender, Time time, std::string title,
                  Mark mark = Mark::none, std::string note = {}) const;
    void take_pieces(Conversation& conversation, Side sender, Time time,
                     const std::vector<StreamPiece>& pieces);
    void end(Conversation& conversation);
    [[nodiscard]] bool is_wanted(const Connection& connection) const;

    Filter filter_;
    std::function<void(const Connection&)> announce_;
    Sink sink_;
    std::map<std::string, std::uint64_t> passed_over_;
    std::uint64_t packets_ = 0;
    std::uint64_t connections_ = 0;
    std::size_t held_ = 0;
    std::list<Conversation> conversations_;  // the one that spoke last is the last
    std::map<Lookup, std::list<Conversation>::iterator> by_endpoints_;
};

}  // namespace wire
