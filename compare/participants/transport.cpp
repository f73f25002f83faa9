#include "compare/participants/transport.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "common/number.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;
using enum ConnectionKind;
using enum Audience;

constexpr std::string_view kPolling = "ajax-";
constexpr int kMaxInterval = 60'000;  // milliseconds

// Limits protect a server from strangers, and here are none.
const std::vector<std::string> kNoLimits02{"--max-clients", "10000", "--queue", "67108864"};
const std::vector<std::string> kNoLimits05{"--rate", "0", "--queue", "67108864"};
const std::vector<std::string> kNoLimits06{"--history", "100000", "--queue", "67108864"};
const std::vector<std::string> kNoLimits07{"--history", "100000", "--max-answer", "67108864"};

const KeepAlive kPings05{20s, 1s, {"--ping", "1"}};
const KeepAlive kPings06{15s, 1s, {"--ping", "1"}};
const KeepAlive kAnswers07{25s, 1s, {}};

const std::vector<Transport> kTransports{
    {"lines", "raw TCP lines", "02_threaded_chat", lines, others, kNoLimits02},
    {"websocket", "WebSocket", "05_ws_chat", websocket, everyone, kNoLimits05, kPings05},
    {"sse", "SSE", "06_sse", event_stream, everyone, kNoLimits06, kPings06},
    {"longpoll", "long polling", "07_longpoll", long_polling, everyone, kNoLimits07, kAnswers07},
    {"udp", "UDP echo to itself", "03_udp", datagrams, oneself},
    {"tcp-echo", "TCP echo to itself", "01_tcp_echo", lines, oneself},
    {"ws-echo", "WebSocket echo to itself", "04_handshake", websocket, oneself},
};

Transport polling_every(const std::string& name) {
    const int interval =
        lab::number_in<int>(std::string_view(name).substr(kPolling.size())).value_or(0);
    if (interval < 1 || interval > kMaxInterval)
        throw std::runtime_error("'" + name + "': ajax-N polls every N milliseconds, 1 to 60000");
    const std::string shown = interval % 1000 == 0 ? std::to_string(interval / 1000) + " s"
                                                   : std::to_string(interval) + " ms";
    const std::chrono::milliseconds period(interval);
    const auto short_period = std::min<std::chrono::milliseconds>(period, 500ms);
    return {.name = name,
            .title = "AJAX every " + shown,
            .step = "07_longpoll",
            .kind = polling,
            .options = kNoLimits07,
            .keep_alive = KeepAlive{period, short_period, {}},
            .interval = period};
}

}  // namespace

Transport find_transport(const std::string& name) {
    if (name.starts_with(kPolling)) return polling_every(name);
    std::string names;
    for (const Transport& transport : kTransports) {
        if (transport.name == name) return transport;
        names += transport.name + ", ";
    }
    throw std::runtime_error("there is no transport '" + name + "'; there are: " + names +
                             "ajax-N (N milliseconds)");
}

Transport transport_of_step(const std::string& step) {
    for (const Transport& transport : kTransports)
        if (step == transport.step || step == transport.step.substr(0, 2)) return transport;
    throw std::runtime_error("there is no step '" + step + "': 01 to 07");
}

}  // namespace compare
