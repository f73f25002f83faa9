#include "wire/streams/reader.hpp"

#include <algorithm>
#include <variant>

#include "wire/dissect/datagrams.hpp"
#include "wire/dissect/stream.hpp"
#include "wire/dissect/text.hpp"

namespace wire {

struct Reader::Conversation {
    Connection connection;
    Lookup lookup;
    std::array<StreamAssembler, 2> directions;
    std::unique_ptr<Dissector> dissector = nullptr;
    Time time{};          // of the last packet
    bool broken = false;  // by a reset
    bool opened = false;  // the client has answered the server's SYN
    std::size_t held = 0;
    [[nodiscard]] bool ended() const {
        return broken || (directions[0].ended() && directions[1].ended());
    }
};

namespace {

std::size_t index(Side side) {
    return static_cast<std::size_t>(side);
}

// The end that has begun the connection. A capture that lacks its beginning shows the smaller port
// at the server's end.
bool sender_is_client(const Segment& segment) {
    if (segment.protocol == Protocol::udp || segment.source.port == segment.destination.port)
        return true;
    if (segment.syn) return !segment.ack;
    return segment.source.port > segment.destination.port;
}

}  // namespace

Reader::Reader(Filter filter, std::function<void(const Connection&)> announce, Sink sink)
    : filter_(filter), announce_(std::move(announce)), sink_(std::move(sink)) {
}

Reader::~Reader() = default;

void Reader::take(const Packet& packet) {
    ++packets_;
    auto parsed = parse_segment(packet);
    if (const auto* const reason = std::get_if<std::string>(&parsed)) {
        ++passed_over_[*reason];
        return;
    }
    const auto& segment = std::get<Segment>(parsed);
    Conversation& conversation = conversation_of(segment);
    conversation.time = packet.time;
    if (!is_wanted(conversation.connection)) return;
    const Side sender =
        segment.source == conversation.connection.client ? Side::client : Side::server;
    if (filter_.packets) return show_packet(conversation, segment, packet.time);
    if (segment.protocol == Protocol::tcp) {
        take_tcp(conversation, segment, packet.time);
    } else {
        conversation.dissector->take(sender, segment.payload, packet.time);
    }
    const std::size_t held = conversation.dissector->held() + conversation.directions[0].held() +
                             conversation.directions[1].held();
    held_ += held - std::exchange(conversation.held, held);
    while (held_ > kMaxHeld) forget(conversations_.begin());
}

bool Reader::is_wanted(const Connection& connection) const {
    if (filter_.connection != 0 && filter_.connection != connection.number) return false;
    return filter_.port == 0 || filter_.port == connection.client.port ||
           filter_.port == connection.server.port;
}

Reader::Conversation& Reader::conversation_of(const Segment& segment) {
    const Lookup lookup{segment.protocol, std::minmax(segment.source, segment.destination)};
    const auto found = by_endpoints_.find(lookup);
    if (found == by_endpoints_.end()) return begin(lookup, segment);
    Conversation& conversation = *found->second;
    const bool from_client = segment.source == conversation.connection.client;
    const StreamAssembler& direction =
        conversation.directions[index(from_client ? Side::client : Side::server)];
    // The same ports, but another connection.
    const bool other_first = direction.started() && direction.first() != segment.sequence + 1;
    if (segment.syn && !segment.ack && (conversation.ended() || !from_client || other_first)) {
        forget(found->second);
        return begin(lookup, segment);
    }
    conversations_.splice(conversations_.end(), conversations_, found->second);
    return conversation;
}

Reader::Conversation& Reader::begin(const Lookup& lookup, const Segment& segment) {
    if (conversations_.size() == kMaxConnections) forget(conversations_.begin());
    const bool from_client = sender_is_client(segment);
    const Connection connection{++connections_, segment.protocol,
                                from_client ? segment.source : segment.destination,
                                from_client ? segment.destination : segment.source};
    Conversation& conversation = conversations_.emplace_back();
    conversation.connection = connection;
    conversation.lookup = lookup;
    by_endpoints_[lookup] = std::prev(conversations_.end());
    const Sink sink = [this, number = connection.number](Message message) {
        message.connection = number;
        sink_(std::move(message));
    };
    if (segment.protocol == Protocol::tcp) {
        conversation.dissector = std::make_unique<StreamDissector>(sink);
    } else {
        conversation.dissector = std::make_unique<DatagramDissector>(sink);
    }
    if (is_wanted(connection)) announce_(connection);
    return conversation;
}

void Reader::take_tcp(Conversation& conversation, const Segment& segment, Time time) {
    const Side sender =
        segment.source == conversation.connection.client ? Side::client : Side::server;
    StreamAssembler& direction = conversation.directions[index(sender)];
    if (segment.rst) {
        if (!conversation.ended()) {
            const bool refused = !direction.started() && sender == Side::server;
            show_tcp(conversation, sender, time, refused ? "refused (RST)" : "reset (RST)");
        }
        conversation.broken = true;
        return;
    }
    if (segment.syn) {
        const bool again = direction.started();
        show_tcp(conversation, sender, time, segment.ack ? "accepts (SYN, ACK)" : "connects (SYN)",
                 again ? Mark::again : Mark::none, again ? "sent before" : "");
    }
    take_pieces(conversation, sender, time, direction.take(segment));
}

void Reader::take_pieces(Conversation& conversation, Side sender, Time time,
                         const std::vector<StreamPiece>& pieces) {
    Dissector& dissector = *conversation.dissector;
    for (const StreamPiece& piece : pieces) {
        const std::string bytes = count_of(piece.size, "byte");
        switch (piece.kind) {
            case StreamPiece::Kind::bytes:
                dissector.take(sender, piece.bytes, time);
                break;
            case StreamPiece::Kind::gap:
                dissector.gap(sender, time);
                show_tcp(conversation, sender, time, bytes + " are not in the capture", Mark::gap);
                break;
            case StreamPiece::Kind::again:
                show_tcp(conversation, sender, time, bytes + " once more", Mark::again,
                         "TCP sends again what is not acknowledged in time");
                break;
            case StreamPiece::Kind::late:
                show_tcp(conversation, sender, time, bytes + " ahead of their turn", Mark::again,
                         "TCP puts them in order");
                break;
            case StreamPiece::Kind::end:
                dissector.finish(sender);
                show_tcp(conversation, sender, time, "end of stream (FIN)");
                break;
        }
    }
}

void Reader::show_tcp(const Conversation& conversation, Side sender, Time time, std::string title,
                      Mark mark, std::string note) const {
    Message message{.connection = conversation.connection.number,
                    .time = time,
                    .sender = sender,
                    .kind = "TCP",
                    .title = std::move(title),
                    .mark = mark,
                    .note = std::move(note)};
    sink_(std::move(message));
}

// One packet. A segment that only acknowledges is left out, but for the one that ends the three-way
// handshake: how many there are depends on the moment.
void Reader::show_packet(Conversation& conversation, const Segment& segment, Time time) {
    const bool tcp = segment.protocol == Protocol::tcp;
    const Side sender =
        segment.source == conversation.connection.client ? Side::client : Side::server;
    const std::uint64_t size = segment.payload.size() + segment.missing;
    const bool silent = tcp && size == 0 && !segment.syn && !segment.fin && !segment.rst;
    const bool ends_handshake = silent && sender == Side::client && !conversation.opened &&
                                conversation.directions[index(Side::server)].started();
    if (silent && !ends_handshake) return;
    conversation.opened = conversation.opened || (sender == Side::client && !segment.syn);
    std::string title;
    const auto add = [&](const std::string& word) { title += (title.empty() ? "" : ", ") + word; };
    if (segment.syn) add("SYN");
    if (segment.ack && (segment.syn || ends_handshake)) add("ACK");
    if (segment.rst) add("RST");
    if (size > 0 || !tcp) add(count_of(size, "byte"));
    if (segment.fin) add("FIN");
    Message message{.connection = conversation.connection.number,
                    .time = time,
                    .sender = sender,
                    .kind = tcp ? "TCP" : "datagram",
                    .title = title,
                    .text = beginning(segment.payload),
                    .size = size,
                    .bytes = std::string(segment.payload.substr(0, Message::kMaxKept))};
    if (tcp) {
        for (const StreamPiece& piece : conversation.directions[index(sender)].take(segment)) {
            const bool again = piece.kind == StreamPiece::Kind::again;
            if (!again && piece.kind != StreamPiece::Kind::late) continue;
            message.mark = Mark::again;
            message.note = again ? "sent before" : "ahead of its turn";
        }
    }
    sink_(std::move(message));
}

void Reader::forget(std::list<Conversation>::iterator conversation) {
    end(*conversation);
    held_ -= conversation->held;
    by_endpoints_.erase(conversation->lookup);
    conversations_.erase(conversation);
}

void Reader::end(Conversation& conversation) {
    if (filter_.packets || !is_wanted(conversation.connection)) return;
    for (const Side side : {Side::client, Side::server}) {
        take_pieces(conversation, side, conversation.time,
                    conversation.directions[index(side)].finish());
        if (!conversation.directions[index(side)].ended()) conversation.dissector->finish(side);
    }
}

void Reader::finish() {
    while (!conversations_.empty()) forget(conversations_.begin());
}

}  // namespace wire
