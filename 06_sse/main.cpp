#include <cstdint>
#include <cstdlib>

#include "06_sse/programs.hpp"
#include "common/descriptor_limit.hpp"
#include "common/name.hpp"
#include "common/options.hpp"

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

int server(int argc, char** argv) {
    sse::ServerOptions feed;
    feed.http.host = "127.0.0.1";
    std::int64_t port = 8006;
    bool trace = false;
    std::int64_t history = 1000;
    std::int64_t queue = kMiB;
    std::int64_t ping = 15;
    std::int64_t retry = 2000;
    std::int64_t max_clients = 0;
    std::string broker;
    lab::Options options("06_sse server");
    options.own_address(feed.http.host, port);
    options.trace(trace);
    options.capture();
    options.number("history", "N", history, 0, 1000 * 1000, "events kept for those who come back");
    options.number("queue", "BYTES", queue, 1, 1024 * kMiB,
                   "most that may wait for a slow stream; then it is cut off");
    options.number("ping", "S", ping, 1, 3600,
                   "time between two comments, or heartbeats; the lab's clients wait for 45 s");
    options.number("retry", "MS", retry, 1, 3600 * 1000,
                   "time that a client waits before it comes back");
    options.number("max-clients", "N", max_clients, 1, 1000 * 1000, lab::kMaxClientsMeaning);
    options.texts("allow-origin", "ORIGIN", feed.allow_origins,
                  "whose pages may ask, beside the server's own; may be given again");
    options.text("broker", lab::kBrokerAddressForm, broker, lab::kBrokerMeaning);
    options.parse(argc, argv);
    feed.broker = lab::broker_address_of(options, broker);
    feed.http.port = std::to_string(port);
    feed.http.trace = lab::Trace(trace);
    feed.http.max_clients = lab::room_for_clients(static_cast<std::size_t>(max_clients));
    feed.history.events = static_cast<std::size_t>(history);
    feed.queue = static_cast<std::size_t>(queue);
    feed.ping = std::chrono::seconds(ping);
    feed.retry = std::chrono::milliseconds(retry);
    sse::run_server(feed);
    return EXIT_SUCCESS;
}

int client(int argc, char** argv) {
    sse::ClientOptions feed;
    feed.url = "http://127.0.0.1:8006";
    feed.name = "User";
    bool trace = false;
    // Three of the comments that the server sends every 15 s.
    std::int64_t timeout = 45;
    lab::Options options("06_sse client");
    options.word("http://HOST:PORT", feed.url, "the server");
    options.trace(trace);
    options.capture();
    options.text("name", "NAME", feed.name, "who speaks");
    options.text("last-event-id", "ID", feed.last_event_id, "begin after this event");
    options.number("timeout", "S", timeout, 1, 3600,
                   "silence after which the server is taken for lost");
    options.parse(argc, argv);
    if (!lab::is_name(feed.name)) options.reject(std::string("--name: ") + lab::kNameRule);
    feed.trace = lab::Trace(trace);
    feed.timeout = std::chrono::seconds(timeout);
    return sse::run_client(feed) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("06_sse", {{"server", server}, {"client", client}}, argc, argv);
}
