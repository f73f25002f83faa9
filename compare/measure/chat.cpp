#include "compare/measure/chat.hpp"

namespace compare {
namespace {

using std::chrono::milliseconds;

bool is_datagrams(const Transport& transport) {
    return transport.kind == ConnectionKind::datagrams;
}

std::vector<std::string> server_options(const Transport& transport, milliseconds delay,
                                        std::vector<std::string> options) {
    options.insert(options.begin(), transport.options.begin(), transport.options.end());
    if (delay.count() > 0 && is_datagrams(transport))
        options.insert(options.end(), {"--delay", std::to_string(2 * delay.count())});
    return options;
}

std::unique_ptr<relay::RelayThread> make_relay(const Transport& transport, milliseconds delay,
                                               const std::string& port) {
    if (delay.count() == 0 || is_datagrams(transport)) return nullptr;
    relay::Options options{.host = "127.0.0.1", .server_port = port};
    options.delay = delay;
    return std::make_unique<relay::RelayThread>(options);
}

}  // namespace

Chat::Chat(const std::string& bin, const Transport& transport, std::size_t size, milliseconds delay,
           std::vector<std::string> options)
    : server(bin, transport.step, server_options(transport, delay, std::move(options))),
      relay(make_relay(transport, delay, server.port())),
      session(transport, relay ? relay->port() : server.port(), size) {
}

}  // namespace compare
