#include <cstdint>
#include <cstdlib>

#include "05_ws_chat/library.hpp"
#include "05_ws_chat/programs.hpp"
#include "common/descriptor_limit.hpp"
#include "common/options.hpp"

namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

int server(int argc, char** argv) {
    ws_chat::ServerOptions chat;
    chat.host = "127.0.0.1";
    std::int64_t port = 8000;
    bool trace = false;
    std::string key_log;
    std::int64_t max_text = 64 * kKiB;
    std::int64_t max_binary = kMiB;
    std::int64_t queue = kMiB;
    std::int64_t rate = 50;
    std::int64_t max_clients = 0;
    std::int64_t ping = 20;
    std::string broker;
    lab::Options options("05_ws_chat server");
    options.own_address(chat.host, port);
    options.trace(trace);
    options.capture();
    options.text("keylog", "FILE", key_log, "add the secrets of TLS to FILE, for Wireshark");
    options.number("max-text", "BYTES", max_text, 0, 1024 * kMiB,
                   "longest text message; a longer one is closed with 1009");
    options.number("max-binary", "BYTES", max_binary, 0, 1024 * kMiB, "longest binary message");
    options.number("queue", "BYTES", queue, 1, 1024 * kMiB,
                   "most that may wait for a slow member; then it is cut off");
    options.number("rate", "N", rate, 0, 1000 * 1000,
                   "most messages a second of one member; 0: any number");
    options.number("max-clients", "N", max_clients, 1, 1000 * 1000, lab::kMaxClientsMeaning);
    options.number("ping", "S", ping, 1, 3600,
                   "silence after which a member is pinged; the lab's page waits for 45 s");
    options.text("token", "SECRET", chat.rules.token, "what a member has to know to get in");
    options.texts("allow-origin", "ORIGIN", chat.rules.allow_origins,
                  "whose pages may connect, beside the server's own; may be given again");
    options.text("cert", "FILE", chat.certificate, "certificate for wss://");
    options.text("key", "FILE", chat.key, "private key of the certificate");
    options.text("broker", lab::kBrokerAddressForm, broker, lab::kBrokerMeaning);
    options.parse(argc, argv);
    if (!key_log.empty()) ws_chat::open_key_log(key_log);
    chat.broker = lab::broker_address_of(options, broker);
    if (chat.certificate.empty() != chat.key.empty()) options.reject("--cert needs --key");
    chat.port = std::to_string(port);
    chat.trace = lab::Trace(trace);
    chat.rules.secure = !chat.certificate.empty();
    chat.max_text = static_cast<std::size_t>(max_text);
    chat.max_binary = static_cast<std::size_t>(max_binary);
    chat.queue = static_cast<std::size_t>(queue);
    chat.rate = static_cast<double>(rate);
    chat.max_clients = lab::room_for_clients(static_cast<std::size_t>(max_clients));
    chat.ping = std::chrono::seconds(ping);
    ws_chat::run_server(chat);
    return EXIT_SUCCESS;
}

int client(int argc, char** argv) {
    ws_chat::ClientOptions chat;
    chat.url = "ws://127.0.0.1:8000/ws";
    bool trace = false;
    std::string key_log;
    std::int64_t timeout = 30;
    lab::Options options("05_ws_chat client");
    options.word("ws[s]://HOST:PORT/ws", chat.url, "the server");
    options.trace(trace);
    options.capture();
    options.text("keylog", "FILE", key_log, "add the secrets of TLS to FILE, for Wireshark");
    options.text("name", "NAME", chat.name, "who speaks");
    options.text("token", "SECRET", chat.token, "what a member has to know to get in");
    options.text("ca", "FILE", chat.authorities, "certificates to trust with wss://");
    options.number("timeout", "S", timeout, 2, 3600,
                   "longest handshake, and silence after which the server is taken for lost");
    options.parse(argc, argv);
    if (!key_log.empty()) ws_chat::open_key_log(key_log);
    chat.trace = lab::Trace(trace);
    chat.timeout = std::chrono::seconds(timeout);
    return ws_chat::run_client(chat) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    // The library would send even what is for this machine through the proxies that these name.
    unsetenv("http_proxy");
    unsetenv("socks_proxy");
    return lab::run_program("05_ws_chat", {{"server", server}, {"client", client}}, argc, argv);
}
