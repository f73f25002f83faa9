#include "compare/participants/transport.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "common/number.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;
using enum ConnectionKind;

constexpr std::string_view kPolling = "ajax-";
constexpr int kMaxInterval = 60'000;  // milliseconds

// Limits protect a server from strangers, and here are none.
const std::vector<std::string> kNoLimits{"--history", "100000", "--max-answer", "67108864"};

const std::vector<std::string> kPingEachSecond{"--ping", "1"};

const std::vector<Transport>& transports() {
    constexpr auto everyone = Audience::everyone;
    constexpr auto oneself = Audience::oneself;
    static const std::vector<Transport> all{
        {"lines",
         "raw TCP lines",
         "02_threaded_chat",
         lines,
         Audience::others,
         {"--max-clients", "10000", "--queue", "67108864"}},
        {"websocket",
         "WebSocket",
         "05_ws_chat",
         websocket,
         everyone,
         {"--rate", "0", "--queue", "67108864"},
         KeepAlive{20s, 1s, kPingEachSecond}},
        {"sse",
         "SSE",
         "06_sse",
         event_stream,
         everyone,
         {"--history", "100000", "--queue", "67108864"},
         KeepAlive{15s, 1s, kPingEachSecond}},
        {"longpoll", "long polling", "07_longpoll", long_polling, everyone, kNoLimits,
         KeepAlive{25s, 1s, {}}},
        {"udp", "UDP echo to itself", "03_udp", datagrams, oneself},
        {"tcp-echo", "TCP echo to itself", "01_tcp_echo", lines, oneself},
        {"ws-echo", "WebSocket echo to itself", "04_handshake", websocket, oneself},
    };
    return all;
}

Transport polling_every(const std::string& name) {
    const int interval =
        lab::number_in<int>(std::string_view(name).substr(kPolling.size())).value_or(0);
    if (interval < 1 || interval > kMaxInterval)
        throw std::runtime_error("'" + name + "': ajax-N polls every N milliseconds, 1 to 60000");
    const std::string shown = interval % 1000 == 0 ? std::to_string(interval / 1000) + " s"
                                                   : std::to_string(interval) + " ms";
    const std::chrono::milliseconds period(interval);
    const auto short_period = std::min<std::chrono::milliseconds>(period, 500ms);
    return {name,
            "AJAX every " + shown,
            "07_longpoll",
            polling,
            Audience::everyone,
            kNoLimits,
            KeepAlive{period, short_period, {}},
            period};
}

}  // namespace

Transport find_transport(const std::string& name) {
    if (name.starts_with(kPolling)) return polling_every(name);
    std::string names;
    for (const Transport& transport : transports()) {
        if (transport.name == name) return transport;
        names += transport.name + ", ";
    }
    throw std::runtime_error("there is no transport '" + name + "'; there are: " + names +
                             "ajax-N (N milliseconds)");
}

Transport transport_of_step(const std::string& step) {
    for (const Transport& transport : transports())
        if (step == transport.step || step == transport.step.substr(0, 2)) return transport;
    throw std::runtime_error("there is no step '" + step + "': 01 to 07");
}

const std::vector<std::string>& default_transports() {
    static const std::vector<std::string> names{"lines",    "websocket", "sse",       "longpoll",
                                                "ajax-100", "ajax-1000", "ajax-5000", "udp"};
    return names;
}

const std::vector<std::string>& shared_transports() {
    static const std::vector<std::string> names{"websocket", "sse", "longpoll"};
    return names;
}

}  // namespace compare
