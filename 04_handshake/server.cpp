// The WebSocket server: one thread, one poll loop. All that is said lies in Session; here are the
// sockets, and the time.
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

#include "04_handshake/programs.hpp"
#include "04_handshake/session.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/milliseconds.hpp"
#include "common/output.hpp"
#include "common/socket.hpp"
#include "common/stop_signal.hpp"

namespace websocket {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kHandshake = 10s;
// How long a client may take nothing of what is sent last, and how long it may take to end its side
// after we have ended ours.
constexpr auto kGoodbye = 2s;
// The same for all together when the server ends: less than a second in all.
constexpr auto kShutdown = 700ms;
// While more than this waits for a client, nothing is read from it: then it can ask for no more.
constexpr std::size_t kMaxWaiting = 64 * 1024;
// Clients that only get to read that there is no room for them.
constexpr std::size_t kMaxRefused = 100;

/// One client: its socket, what is said on it, and until when something has to happen.
struct Client {
    Client(lab::FileDescriptor accepted, std::string peer, const ServerOptions& options,
           FrameLog& frames)
        : socket(std::move(accepted)),
          session(std::move(peer), options.max_message, options.trace, frames, options.guid) {}

    lab::FileDescriptor socket;
    Session session;
    std::optional<Clock::time_point> deadline = Clock::now() + kHandshake;
    bool heard_all = false;  // the client has ended its side of the stream
    bool said_all = false;   // we have ended ours
    bool gone = false;       // to be forgotten
};

/// The server. All of it belongs to the one thread that calls run().
class Server {
 public:
    explicit Server(const ServerOptions& options)
        : options_(options), listener_(lab::listen_on(options.host, options.port)) {
        lab::set_nonblocking(listener_.number(), true);
    }
    void run();

 private:
    void wait();
    [[nodiscard]] Clock::time_point next_deadline() const;
    void begin_shutdown();
    void accept_clients();
    void serve(Client& client, short events);
    void receive(Client& client);
    void send_some(Client& client);
    void conclude(Client& client);

    const ServerOptions options_;
    lab::FileDescriptor listener_;
    const lab::StopSignal stop_;
    FrameLog frames_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<pollfd> ready_;  // the signal, the listener, then the clients in their order
    std::vector<char> buffer_ = std::vector<char>(64 * 1024);  // what recv has just returned
    bool exhausted_ = false;                                   // descriptors have run out
    std::optional<Clock::time_point> end_;                     // of the server, once it shuts down
};

void Server::run() {
    std::cout << "listening on " << lab::local_address(listener_.number()) << '\n';
    lab::flush_output();

    while (!end_ || (!clients_.empty() && Clock::now() < *end_)) {
        wait();
        if (stop_.requested() && !end_) begin_shutdown();
        // A client that is accepted now is not in ready_ yet.
        const std::size_t waited = ready_.size() - 2;
        if (ready_[1].revents || exhausted_) accept_clients();
        for (std::size_t i = 0; i < waited; ++i) serve(*clients_[i], ready_[i + 2].revents);
        std::erase_if(clients_, [](const auto& client) { return client->gone; });
    }
}

// Waits until a client has something for us, or can take something, or a deadline has come.
void Server::wait() {
    const bool full = clients_.size() >= options_.max_clients + kMaxRefused;
    // poll skips a negative number. Out of descriptors the listener would stay readable, and poll
    // would return at once, for ever.
    ready_.assign({{stop_.reading_end(), POLLIN, 0},
                   {full || exhausted_ ? -1 : listener_.number(), POLLIN, 0}});
    for (const auto& client : clients_) {
        const std::size_t waiting = client->session.outgoing().size();
        int events = waiting > 0 ? POLLOUT : 0;
        if (!client->heard_all && waiting <= kMaxWaiting) events |= POLLIN;
        ready_.push_back({client->socket.number(), static_cast<short>(events), 0});
    }
    const int count = poll(ready_.data(), ready_.size(), lab::milliseconds_until(next_deadline()));
    if (count < 0 && errno != EINTR) lab::check("poll", count);
    if (count < 0)
        for (pollfd& entry : ready_) entry.revents = 0;
    stop_.clear();
}

Clock::time_point Server::next_deadline() const {
    auto next = end_.value_or(Clock::time_point::max());
    for (const auto& client : clients_) next = std::min(next, client->deadline.value_or(next));
    if (exhausted_) next = std::min(next, Clock::now() + 1s);
    return next;
}

void Server::begin_shutdown() {
    stop_.ignore();
    end_ = Clock::now() + kShutdown;
    listener_ = lab::FileDescriptor();
    for (const auto& client : clients_) client->session.go_away();
}

void Server::accept_clients() {
    while (!end_ && clients_.size() < options_.max_clients + kMaxRefused) {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        auto* const peer = reinterpret_cast<sockaddr*>(&storage);
        lab::FileDescriptor socket(accept(listener_.number(), peer, &length));
        if (socket.number() < 0) {
            const bool was_exhausted = exhausted_;
            exhausted_ = lab::is_exhausted();
            if (exhausted_ && !was_exhausted) {
                lab::log(std::string("accept: ") + std::strerror(errno) +
                         ": the next client waits");
            }
            if (errno == ECONNABORTED || errno == EINTR) continue;
            return;
        }
        lab::capture::accepted(socket.number());
        lab::set_nonblocking(socket.number(), true);
        lab::send_without_delay(socket.number());
        const bool full = clients_.size() >= options_.max_clients;
        clients_.push_back(std::make_unique<Client>(std::move(socket), lab::to_string(peer, length),
                                                    options_, frames_));
        if (full) clients_.back()->session.refuse_for_room();
    }
}

// Does what poll has shown to be possible, and sends what came of it at once: mostly the socket
// takes it, and no further round of poll is needed.
void Server::serve(Client& client, short events) {
    if (events & ~POLLOUT) receive(client);
    if (!client.gone && !client.session.outgoing().empty()) send_some(client);
    if (!client.gone) conclude(client);
}

void Server::receive(Client& client) {
    const ssize_t received = recv(client.socket.number(), buffer_.data(), buffer_.size(), 0);
    lab::capture::received(client.socket.number(), buffer_.data(), received);
    if (received < 0 && lab::try_again()) return;
    const Session::State before = client.session.state();
    if (received > 0) {
        client.session.receive({buffer_.data(), static_cast<std::size_t>(received)});
    } else {
        if (received == 0) options_.trace.received_end(client.session.peer());
        if (before != Session::State::finished)
            lab::log(client.session.peer() + " left without a close frame");
        client.heard_all = true;
        // With an error nothing can be sent either.
        client.gone = received < 0;
    }
    const Session::State now = client.session.state();
    if (client.heard_all || (now == Session::State::finished && before != now)) {
        client.deadline = Clock::now() + kGoodbye;
    } else if (now == Session::State::open) {
        client.deadline.reset();
    }
}

void Server::send_some(Client& client) {
    const std::string_view bytes = client.session.outgoing();
    const ssize_t count = send(client.socket.number(), bytes.data(), bytes.size(), 0);
    lab::capture::sent(client.socket.number(), bytes.data(), count);
    if (count < 0 && lab::try_again()) return;
    if (count < 0) {
        client.gone = true;
        return;
    }
    client.session.sent(static_cast<std::size_t>(count));
    // A client that takes something is not given up yet.
    if (client.session.state() == Session::State::finished || client.heard_all)
        client.deadline = Clock::now() + kGoodbye;
}

// Ends what is over: the time of a client, or the conversation with it.
void Server::conclude(Client& client) {
    if (client.deadline && Clock::now() >= *client.deadline) {
        if (client.session.state() != Session::State::handshake || client.heard_all) {
            client.gone = true;
            return;
        }
        client.session.time_out();
        client.deadline = Clock::now() + kGoodbye;
        send_some(client);
    }
    const bool finished = client.session.state() == Session::State::finished;
    const bool sent_all = client.session.outgoing().empty();
    if (!client.said_all && sent_all && (finished || client.heard_all)) {
        // The server ends TCP first: FIN. The bytes that the client still sends are read and thrown
        // away: closing a socket with unread bytes would send a reset, which may destroy what was
        // sent.
        lab::capture::shut_down(client.socket.number());
        shutdown(client.socket.number(), SHUT_WR);
        options_.trace.sent_end(client.session.peer());
        client.said_all = true;
        client.deadline = Clock::now() + kGoodbye;
    }
    if (client.said_all && client.heard_all) client.gone = true;
}

}  // namespace

void run_server(const ServerOptions& options) {
    Server(options).run();
}

}  // namespace websocket
