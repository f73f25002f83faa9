// The chat server: a thread for each client reads what it says; the room passes it on.
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <list>

#include "02_threaded_chat/programs.hpp"
#include "02_threaded_chat/room.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/line_parser.hpp"
#include "common/output.hpp"
#include "common/socket.hpp"
#include "common/stop_signal.hpp"
#include "common/thread.hpp"

namespace threaded_chat {
namespace {

using namespace std::chrono_literals;

std::atomic<bool> stopping = false;
const lab::WakePipe* main_thread = nullptr;

// The main thread waits in poll: the flag alone would not wake it.
void stop(int) {
    stopping = true;
    main_thread->wake();
}

/// The server. Its main thread accepts and joins; it alone touches clients_.
class Server {
 public:
    explicit Server(const ServerOptions& options)
        : options_(options),
          listener_(lab::listen_on(options.host, options.port)),
          room_(options.queue, options.trace) {
        // Between poll and accept a client may vanish: accept must not wait for the next one then.
        lab::set_nonblocking(listener_.number(), true);
    }
    void run();

 private:
    struct Client {
        std::shared_ptr<const Connection> connection;
        std::atomic<bool> finished = false;
        lab::Thread thread;
    };
    bool accept_client();
    static void refuse(const Connection& client, const std::string& why);
    void serve(const Connection& client);
    std::string listen_to(const Connection& client);

    const ServerOptions options_;
    const lab::FileDescriptor listener_;
    const lab::WakePipe wake_;
    Room room_;
    std::uint64_t last_id_ = 0;
    std::list<Client> clients_;
};

void Server::run() {
    main_thread = &wake_;
    std::signal(SIGPIPE, SIG_IGN);
    for (const int number : {SIGINT, SIGTERM})
        if (!lab::is_ignored(number)) std::signal(number, stop);
    std::cout << "listening on " << lab::local_address(listener_.number()) << '\n';
    lab::flush_output();

    bool accepting = true;
    while (!stopping) {
        std::array<pollfd, 2> ready{
            {{wake_.reading_end(), POLLIN, 0}, {listener_.number(), POLLIN, 0}}};
        // Out of descriptors, the listener stays readable and poll would return at once, for ever:
        // so it is left out until somebody leaves, or a second has passed.
        if (poll(ready.data(), accepting ? 2 : 1, accepting ? -1 : 1000) < 0 && errno != EINTR)
            lab::check("poll", -1);
        wake_.clear();
        std::erase_if(clients_, [](const Client& client) { return client.finished.load(); });
        if (ready[1].revents || !accepting) accepting = accept_client();
    }
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    // Each thread wakes and says goodbye; clear() joins it.
    for (const Client& client : clients_) shutdown(client.connection->socket.number(), SHUT_RD);
    clients_.clear();
}

// Accepts the next client, if there is one. Returns false if descriptors have run out.
bool Server::accept_client() {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* const peer = reinterpret_cast<sockaddr*>(&storage);
    lab::FileDescriptor socket(accept(listener_.number(), peer, &length));
    if (socket.number() < 0) {
        const bool exhausted =
            errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (exhausted)
            lab::log(std::string("accept: ") + std::strerror(errno) + ": the next client waits");
        return !exhausted;
    }
    // Some systems hand O_NONBLOCK down from the listener; the client's thread waits in recv.
    lab::set_nonblocking(socket.number(), false);
    lab::capture::accepted(socket.number());
    lab::send_without_delay(socket.number());
    const auto client = std::make_shared<const Connection>(
        Connection{++last_id_, std::move(socket), lab::to_string(peer, length)});
    if (clients_.size() >= options_.max_clients) {
        refuse(*client, "the chat is full");
        return true;
    }
    lab::log(client->address + " joined");
    Client& entry = clients_.emplace_back();
    entry.connection = client;
    room_.join(client);
    try {
        entry.thread = lab::Thread([this, &entry] {
            serve(*entry.connection);
            entry.finished = true;
            wake_.wake();
        });
    } catch (const std::system_error& error) {
        lab::log(client->address + " refused: " + error.what());
        room_.leave(*client, std::string("error: ") + error.what() + "\n");
        room_.forget(*client);
        clients_.pop_back();
    }
    return true;
}

// Says why, and reads what has come: closing a socket with unread bytes would send a reset, which
// may destroy what was sent last. Waits hardly at all: this is the main thread, and the next client
// waits.
void Server::refuse(const Connection& client, const std::string& why) {
    lab::log(client.address + " refused: " + why);
    const int socket = client.socket.number();
    const std::string words = "error: " + why + "\n";
    const ssize_t sent = send(socket, words.data(), words.size(), MSG_DONTWAIT);
    lab::capture::sent(socket, words.data(), sent);
    lab::capture::shut_down(socket);
    shutdown(socket, SHUT_WR);
    std::array<char, 4096> unread;
    pollfd ready{socket, POLLIN, 0};
    ssize_t received = 1;
    while (received > 0 && poll(&ready, 1, 1) > 0) {
        received = recv(socket, unread.data(), unread.size(), MSG_DONTWAIT);
        lab::capture::received(socket, unread.data(), received);
    }
}

// What the client's own thread does, from the first byte to the last.
void Server::serve(const Connection& client) {
    std::string error;
    std::string reason;
    try {
        error = listen_to(client);
        reason = error;
    } catch (const std::exception& exception) {
        reason = exception.what();
    }
    room_.leave(client, error.empty() ? "" : "error: " + error + "\n");
    // Unread bytes would make close(2) send a reset, which may destroy what was sent last. The room
    // ends the connection both ways when the client takes too long.
    std::array<char, 4096> unread;
    ssize_t received = 0;
    do {
        received = recv(client.socket.number(), unread.data(), unread.size(), 0);
        lab::capture::received(client.socket.number(), unread.data(), received);
    } while (received > 0 || (received < 0 && errno == EINTR));
    room_.forget(client);
    lab::log(client.address + " left" + (reason.empty() ? "" : ": " + reason));
}

// Publishes what the client says, until it ends its stream. Returns what the client did wrong, if
// anything; throws std::system_error if the connection broke.
std::string Server::listen_to(const Connection& client) {
    lab::LineParser parser(options_.max_line);
    std::array<char, 16 * 1024> buffer;
    std::string lines;
    while (!stopping) {
        const ssize_t received = recv(client.socket.number(), buffer.data(), buffer.size(), 0);
        lab::capture::received(client.socket.number(), buffer.data(), received);
        if (received < 0 && lab::try_again()) continue;
        lab::check("recv", received);
        std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
        lines.clear();
        if (bytes.empty()) {
            options_.trace.received_end(client.address);
            parser.finish(lines);
            if (!lines.empty()) room_.publish(client, lines);
            return "";
        }
        options_.trace.received(client.address, bytes);
        if (options_.raw) {
            room_.publish(client, bytes);
            continue;
        }
        auto result = lab::LineParser::Result::line;
        while (!bytes.empty() && result == lab::LineParser::Result::line)
            result = parser.parse(bytes, lines);
        if (!lines.empty()) room_.publish(client, lines);
        if (result == lab::LineParser::Result::bad) return parser.error();
    }
    return "";
}

}  // namespace

void run_server(const ServerOptions& options) {
    Server(options).run();
}

}  // namespace threaded_chat
