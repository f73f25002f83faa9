#include <cstdint>
#include <cstdlib>

#include "07_longpoll/programs.hpp"
#include "common/descriptor_limit.hpp"
#include "common/name.hpp"
#include "common/options.hpp"

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

int server(int argc, char** argv) {
    longpoll::ServerOptions chat;
    chat.http.host = "127.0.0.1";
    std::int64_t port = 8007;
    bool trace = false;
    std::int64_t history = 1000;
    std::int64_t max_answer = kMiB;
    std::int64_t max_clients = 0;
    std::string broker;
    lab::Options options("07_longpoll server");
    options.own_address(chat.http.host, port);
    options.trace(trace);
    options.capture();
    options.number("history", "N", history, 0, 1000 * 1000, "messages kept for those who ask");
    options.number("max-answer", "BYTES", max_answer, 1, 1024 * kMiB,
                   "most that one answer brings; the rest comes with the next");
    options.number("max-clients", "N", max_clients, 1, 1000 * 1000, lab::kMaxClientsMeaning);
    options.texts("allow-origin", "ORIGIN", chat.allow_origins,
                  "whose pages may ask, beside the server's own; may be given again");
    options.text("broker", lab::kBrokerAddressForm, broker, lab::kBrokerMeaning);
    options.parse(argc, argv);
    chat.broker = lab::broker_address_of(options, broker);
    chat.http.port = std::to_string(port);
    chat.http.trace = lab::Trace(trace);
    chat.http.max_clients = lab::room_for_clients(static_cast<std::size_t>(max_clients));
    chat.history = static_cast<std::size_t>(history);
    chat.max_answer = static_cast<std::size_t>(max_answer);
    longpoll::run_server(chat);
    return EXIT_SUCCESS;
}

int client(int argc, char** argv) {
    longpoll::ClientOptions chat;
    chat.url = "http://127.0.0.1:8007";
    bool trace = false;
    std::int64_t poll = -1;
    std::int64_t wait = 25;
    lab::Options options("07_longpoll client");
    options.word("http://HOST:PORT", chat.url, "the server");
    options.trace(trace);
    options.capture();
    options.text("name", "NAME", chat.name, "who speaks");
    options.number("poll", "MS", poll, 10, 3600 * 1000,
                   "time between two questions: AJAX polling, not long polling");
    options.number("wait", "S", wait, 1, 60, "longest time that the server may park a question");
    options.parse(argc, argv);
    if (!chat.name.empty() && !lab::is_name(chat.name))
        options.reject(std::string("--name: ") + lab::kNameRule);
    chat.trace = lab::Trace(trace);
    chat.wait = std::chrono::seconds(wait);
    if (poll > 0) chat.poll = std::chrono::milliseconds(poll);
    return longpoll::run_client(chat) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("07_longpoll", {{"server", server}, {"client", client}}, argc, argv);
}
