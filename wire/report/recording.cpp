#include "wire/report/recording.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace wire {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

// A client's upright line, or a server's.
struct Seat {
    Endpoint first;       // of a server, or of the client's first connection
    std::string request;  // with which each connection of the client begins: "GET /messages"
    std::size_t connections = 0;
    std::size_t free_from = 0;  // the message behind the last one of its last connection
};

struct Span {
    std::size_t first = kNever, last = 0;  // messages
    std::string request{};                 // the first one, without its arguments
};

// "GET /messages" of "GET /messages?after=1 HTTP/1.1".
std::string without_arguments(const std::string& title) {
    return title.substr(0, std::min(title.find('?'), title.find(' ', title.find(' ') + 1)));
}

// Where the messages of each connection begin and end, by its number.
std::vector<Span> spans_of(const Recording& recording) {
    std::uint64_t most = 0;
    for (const Connection& connection : recording.connections())
        most = std::max(most, connection.number);
    std::vector<Span> spans(static_cast<std::size_t>(most) + 1);
    for (std::size_t i = 0; i < recording.messages().size(); ++i) {
        Span& span = spans[static_cast<std::size_t>(recording.messages()[i].connection)];
        span.first = std::min(span.first, i);
        span.last = i;
        const Message& message = recording.messages()[i];
        if (span.request.empty() && message.kind == "HTTP request")
            span.request = without_arguments(message.title);
    }
    return spans;
}

std::size_t seat_of_server(std::vector<Seat>& servers, const Connection& connection) {
    const auto found = std::ranges::find(servers, connection.server, &Seat::first);
    if (found != servers.end()) return static_cast<std::size_t>(found - servers.begin());
    servers.push_back({connection.server, ""});
    return servers.size() - 1;
}

std::size_t seat_of_client(std::vector<Seat>& clients, const Connection& connection,
                           const Span& span) {
    auto found = std::ranges::find_if(clients, [&](const Seat& seat) {
        return !span.request.empty() && seat.request == span.request &&
               seat.free_from <= span.first && seat.first.address == connection.client.address;
    });
    if (found == clients.end())
        found = clients.insert(clients.end(), Seat{connection.client, span.request});
    ++found->connections;
    found->free_from = span.last + 1;
    return static_cast<std::size_t>(found - clients.begin());
}

std::string detail_of(const Seat& seat, const Style& style) {
    if (seat.connections > 1) return std::to_string(seat.connections) + " connections";
    return style.times ? words_of(seat.first) : "";
}

std::string numbered(const std::string& word, std::size_t i, std::size_t count) {
    return count == 1 ? word : word + " " + std::to_string(i + 1);
}

}  // namespace

void Recording::add(const Connection& connection) {
    if (messages_.size() < limit_) connections_.push_back(connection);
}

void Recording::add(Message message) {
    if (messages_.size() < limit_) {
        messages_.push_back(std::move(message));
    } else {
        ++left_out_;
    }
}

void Recording::finish() {
    // By connection and bytes: what a client has sent, and no echo has answered yet.
    std::map<std::pair<std::uint64_t, std::string>, std::size_t> open;
    const auto unanswered = [&](std::size_t i) {
        messages_[i].note += (messages_[i].note.empty() ? "" : ", ") + std::string("no echo came");
        messages_[i].mark = Mark::unanswered;
    };
    for (std::size_t i = 0; i < messages_.size(); ++i) {
        const Message& message = messages_[i];
        if (message.kind != "datagram") continue;
        const std::pair key{message.connection, message.bytes};
        const auto found = open.find(key);
        if (message.sender == Side::server) {
            if (found != open.end()) open.erase(found);
            continue;
        }
        if (found != open.end()) unanswered(found->second);
        open[key] = i;
    }
    // The answer may be among the messages that are not kept.
    if (left_out_ > 0) return;
    for (const auto& [key, i] : open) unanswered(i);
}

Lanes::Lanes(const Recording& recording, const Style& style) {
    const std::vector<Span> spans = spans_of(recording);
    places_.resize(spans.size());
    std::vector<Seat> clients, servers;
    for (const Connection& connection : recording.connections()) {
        const auto number = static_cast<std::size_t>(connection.number);
        if (spans[number].first == kNever) continue;
        places_[number] = {seat_of_client(clients, connection, spans[number]),
                           seat_of_server(servers, connection)};
    }
    const std::size_t before = (clients.size() + 1) / 2;
    const auto add = [&](const Seat& seat, const std::string& title) {
        lanes_.push_back({title, detail_of(seat, style)});
    };
    for (std::size_t i = 0; i < before; ++i) add(clients[i], numbered("client", i, clients.size()));
    for (std::size_t i = 0; i < servers.size(); ++i)
        add(servers[i], numbered("server", i, servers.size()));
    for (std::size_t i = before; i < clients.size(); ++i)
        add(clients[i], numbered("client", i, clients.size()));
    for (Place& place : places_) {
        place.client += place.client < before ? 0 : servers.size();
        place.server += before;
        place.client = std::min(place.client, kMaxLanes - 1);
        place.server = std::min(place.server, kMaxLanes - 1);
    }
    if (lanes_.size() <= kMaxLanes) return;
    lanes_.resize(kMaxLanes);
    lanes_.back() = {"others", ""};
}

std::pair<std::size_t, std::size_t> Lanes::of(const Message& message) const {
    const Place& place = places_[static_cast<std::size_t>(message.connection)];
    return message.sender == Side::client ? std::pair(place.client, place.server)
                                          : std::pair(place.server, place.client);
}

std::string Lanes::words_of(const Message& message) const {
    const auto [from, to] = of(message);
    return lanes_[from].title + " → " + lanes_[to].title;
}

}  // namespace wire
