#include "compare/transport.hpp"

#include <charconv>
#include <stdexcept>

#include "compare/participants.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPolling = "ajax-";
constexpr std::chrono::milliseconds kLongestInterval = 60s;

// The limits that protect a server from strangers are lifted: nobody here is one.
const std::vector<std::string> kMuch{"--history", "100000", "--max-answer", "67108864"};

Transport polling(const std::string& name) {
    int interval = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + kPolling.size(), end, interval);
    if (error != std::errc() || stop != end || interval < 1 || interval > kLongestInterval / 1ms)
        throw std::runtime_error("'" + name + "': ajax-N polls every N milliseconds, 1 to 60000");
    const std::string shown = interval % 1000 == 0 ? std::to_string(interval / 1000) + " s"
                                                   : std::to_string(interval) + " ms";
    const std::chrono::milliseconds period(interval);
    return {.name = name,
            .title = "AJAX every " + shown,
            .step = "07_longpoll",
            .way = Way::polling,
            .options = kMuch,
            .interval = period,
            .beat = Beat{period, std::min<std::chrono::milliseconds>(period, 500ms), {}}};
}

std::vector<Transport> transports() {
    return {
        {.name = "lines",
         .title = "raw TCP lines",
         .step = "02_threaded_chat",
         .way = Way::lines,
         .audience = Audience::others,
         .options = {"--max-clients", "10000", "--queue", "67108864"}},
        {.name = "websocket",
         .title = "WebSocket",
         .step = "05_ws_chat",
         .way = Way::websocket,
         .options = {"--rate", "0", "--queue", "67108864"},
         .beat = Beat{20s, 1s, {"--ping", "1"}}},
        {.name = "sse",
         .title = "SSE",
         .step = "06_sse",
         .way = Way::event_stream,
         .options = {"--history", "100000", "--queue", "67108864"},
         .beat = Beat{15s, 1s, {"--ping", "1"}}},
        {.name = "longpoll",
         .title = "long polling",
         .step = "07_longpoll",
         .way = Way::long_polling,
         .options = kMuch,
         .beat = Beat{25s, 1s, {}}},
        {.name = "udp",
         .title = "UDP echo to itself",
         .step = "03_udp",
         .way = Way::datagrams,
         .audience = Audience::oneself,
         .names = false},
        {.name = "tcp-echo",
         .title = "TCP echo to itself",
         .step = "01_tcp_echo",
         .way = Way::lines,
         .audience = Audience::oneself,
         .names = false},
        {.name = "ws-echo",
         .title = "WebSocket echo to itself",
         .step = "04_handshake",
         .way = Way::websocket,
         .audience = Audience::oneself,
         .names = false},
    };
}

}  // namespace

Transport find_transport(const std::string& name) {
    if (name.starts_with(kPolling)) return polling(name);
    std::string names;
    for (const Transport& transport : transports()) {
        if (transport.name == name) return transport;
        names += transport.name + ", ";
    }
    throw std::runtime_error("there is no transport '" + name + "'; there are: " + names +
                             "ajax-N (N milliseconds)");
}

Transport transport_of_step(const std::string& step) {
    // One for each: 07 by long polling.
    for (const Transport& transport : transports())
        if (step == transport.step || step == transport.step.substr(0, 2)) return transport;
    throw std::runtime_error("there is no step '" + step + "': 01 to 07");
}

const std::vector<std::string>& all_transports() {
    static const std::vector<std::string> names{"lines",    "websocket", "sse",       "longpoll",
                                                "ajax-100", "ajax-1000", "ajax-5000", "udp"};
    return names;
}

std::unique_ptr<Participant> take_seat(const Transport& transport, const Seat& seat) {
    switch (transport.way) {
        case Way::lines:
            return join_lines(transport, seat);
        case Way::websocket:
            return join_websocket(transport, seat);
        case Way::event_stream:
            return join_event_stream(seat);
        case Way::long_polling:
        case Way::polling:
            return join_by_polling(transport, seat);
        case Way::datagrams:
            return join_by_datagrams(seat);
    }
    throw std::logic_error("an unknown way");
}

std::string without_name(std::string_view message) {
    if (!message.starts_with(kNamePrefix))
        throw std::runtime_error("a message without its writer's name");
    return std::string(message.substr(kNamePrefix.size()));
}

}  // namespace compare
