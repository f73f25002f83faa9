#include "common/http/server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "common/address.hpp"
#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/http/served_client.hpp"
#include "common/milliseconds.hpp"
#include "common/output.hpp"
#include "common/readiness.hpp"
#include "common/socket.hpp"
#include "common/stop_signal.hpp"

namespace http {
namespace {

using namespace std::chrono_literals;
using Clock = Application::Clock;

// How long a client is waited for, by what is awaited of it.
constexpr std::array<Clock::duration, 5> kPatience{
    0s,   // nothing
    10s,  // a request becomes whole
    60s,  // the next one begins
    10s,  // the client takes something of what it has asked for
    2s,   // it ends its side
};
// All together when the server ends: less than a second in all.
constexpr auto kShutdown = 700ms;
// Clients that only get to read that there is no room for them.
constexpr std::size_t kMostRefused = 100;

/// A client and its place in the server.
struct Client : ServedClient {
    using ServedClient::ServedClient;
    std::size_t place = 0;  // among the clients
    short watched = 0;      // the events that are waited for on its socket
    bool refused = false;   // there was no room for it
    bool gone = false;      // to be removed at the end of the round
    // Until when what is awaited has to happen, and what it was when that was set.
    Clock::time_point deadline = Clock::time_point::max();
    Awaited awaited_then = Awaited::nothing;
    std::size_t steps_then = 0;
};

/// The server. All of it belongs to the one thread that calls run().
class Server {
 public:
    Server(const ServerOptions& options, Application& application);
    void run();

 private:
    const std::vector<lab::Readiness::Ready>& wait();
    [[nodiscard]] Clock::time_point next_deadline() const;
    void begin_shutdown();
    void accept_clients();
    void add(lab::FileDescriptor socket, const std::string& peer);
    void serve(Client& client, short events);
    void handle_requests(Client& client);
    void finish_round();
    void settle(Client& client);
    void time_out_clients();
    void bury(Client& client);
    void remove_gone();

    const ServerOptions options_;
    Application& application_;
    lab::FileDescriptor listener_;
    const lab::StopSignal stop_;
    Outbox outbox_;
    // The pipe, the listener and the clients: a client that is idle costs a round nothing.
    const std::unique_ptr<lab::Readiness> readiness_ = lab::Readiness::make();
    bool listening_ = true;  // clients are waited for
    std::vector<std::unique_ptr<Client>> clients_;
    std::set<std::pair<Clock::time_point, Client*>> deadlines_;
    std::vector<Client*> gone_;
    std::vector<char> buffer_ = std::vector<char>(64 * 1024);  // what recv has just returned
    std::size_t served_ = 0;                                   // clients that were not refused
    bool handled_ = false;                                     // a request, in this round
    bool exhausted_ = false;                                   // descriptors have run out
    std::optional<Clock::time_point> end_;                     // of the server, once it shuts down
};

Server::Server(const ServerOptions& options, Application& application)
    : options_(options),
      application_(application),
      listener_(lab::listen_on(options.host, options.port)) {
    lab::set_nonblocking(listener_.number(), true);
    readiness_->add(stop_.reading_end(), POLLIN, nullptr);
    readiness_->add(listener_.number(), POLLIN, this);
}

void Server::run() {
    std::cout << "listening on " << lab::local_address(listener_.number()) << '\n';
    lab::flush_output();
    while (!end_ || (!clients_.empty() && Clock::now() < *end_)) {
        const auto& ready = wait();
        if (stop_.requested() && !end_) begin_shutdown();
        bool accept = exhausted_;
        for (const auto& [who, events] : ready) {
            // The server itself stands for the listener, nobody for the pipe.
            if (who == this) accept = true;
            if (who && who != this) serve(*static_cast<Client*>(who), events);
        }
        if (accept) accept_clients();
        time_out_clients();
        finish_round();
        remove_gone();
    }
}

// Waits until a client has something for us, or can take something, or a deadline has come.
const std::vector<lab::Readiness::Ready>& Server::wait() {
    // Out of descriptors the listener would stay readable, and the wait would end at once, for
    // ever.
    const bool listen =
        !end_ && !exhausted_ && clients_.size() < options_.max_clients + kMostRefused;
    if (listen != listening_ && !end_)
        readiness_->change(listener_.number(), listen ? POLLIN : short{0}, this);
    listening_ = listen;
    const auto& ready = readiness_->wait(lab::milliseconds_until(next_deadline()));
    stop_.clear();
    return ready;
}

Clock::time_point Server::next_deadline() const {
    auto next = end_.value_or(Clock::time_point::max());
    if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
    if (!end_) next = std::min(next, application_.next_deadline().value_or(next));
    if (exhausted_) next = std::min(next, Clock::now() + 1s);
    return next;
}

void Server::begin_shutdown() {
    stop_.ignore();
    end_ = Clock::now() + kShutdown;
    readiness_->remove(listener_.number());
    listener_ = lab::FileDescriptor();
    for (const auto& client : clients_) client->finish();
    application_.go_away();
}

void Server::accept_clients() {
    const bool was_exhausted = std::exchange(exhausted_, false);
    while (!end_ && clients_.size() < options_.max_clients + kMostRefused) {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        auto* const peer = reinterpret_cast<sockaddr*>(&storage);
        lab::FileDescriptor socket(accept(listener_.number(), peer, &length));
        if (socket.number() < 0) {
            if (errno == ECONNABORTED || errno == EINTR) continue;
            exhausted_ = lab::is_exhausted();
            if (exhausted_ && !was_exhausted) {
                lab::log(std::string("accept: ") + std::strerror(errno) +
                         ": the next client waits");
            }
            return;
        }
        lab::set_nonblocking(socket.number(), true);
        lab::send_without_delay(socket.number());
        add(std::move(socket), lab::to_string(peer, length));
    }
}

void Server::add(lab::FileDescriptor socket, const std::string& peer) {
    auto client = std::make_unique<Client>(std::move(socket), peer, options_.trace, outbox_);
    client->place = clients_.size();
    client->refused = served_ >= options_.max_clients;
    if (!client->refused) ++served_;
    clients_.push_back(std::move(client));
    Client& added = *clients_.back();
    added.watched = POLLIN;
    readiness_->add(added.socket(), added.watched, &added);
    if (added.refused) added.refuse_for_room();
    settle(added);
}

void Server::serve(Client& client, short events) {
    if (client.gone) return;
    if ((events & ~POLLOUT) && !client.receive_some(buffer_)) return bury(client);
    // The bytes that were sent may make room for the answer to the next request, which is here
    // already.
    if ((events & POLLOUT) && !client.send_some()) return bury(client);
    handle_requests(client);
    settle(client);
}

void Server::handle_requests(Client& client) {
    while (const auto request = client.next_request()) {
        handled_ = true;
        application_.handle(client, *request);
    }
}

// Sends what has come of this round. A response may let the client's next request be looked at,
// which was here already: then there is more to do.
void Server::finish_round() {
    do {
        handled_ = false;
        if (!end_) application_.after_round();
        while (Connection* const connection = outbox_.next()) {
            auto& client = static_cast<Client&>(*connection);
            if (client.gone) continue;
            if (!client.send_some()) {
                bury(client);
                continue;
            }
            handle_requests(client);
            settle(client);
        }
    } while (handled_);
}

// Ends what is over, and notes what the client is waited for.
void Server::settle(Client& client) {
    if (!client.conclude()) return bury(client);
    if (const short events = client.events(); events != client.watched) {
        readiness_->change(client.socket(), events, &client);
        client.watched = events;
    }
    const auto awaited = client.awaited();
    if (awaited == client.awaited_then && client.steps() == client.steps_then) return;
    deadlines_.erase({client.deadline, &client});
    client.awaited_then = awaited;
    client.steps_then = client.steps();
    client.deadline = Clock::now() + kPatience[static_cast<std::size_t>(awaited)];
    if (awaited != Client::Awaited::nothing) deadlines_.insert({client.deadline, &client});
}

void Server::time_out_clients() {
    const auto now = Clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        Client& client = *deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        const auto awaited = client.awaited_then;
        if (awaited == Client::Awaited::progress || awaited == Client::Awaited::end) {
            bury(client);
        } else {
            client.time_out();
            settle(client);
        }
    }
}

// From here on nothing is done for the client; it is removed at the end of the round, so that
// nobody holds a reference to what is no more.
void Server::bury(Client& client) {
    if (client.gone) return;
    client.gone = true;
    deadlines_.erase({client.deadline, &client});
    if (client.state() == Connection::State::owing) application_.gone(client);
    gone_.push_back(&client);
}

void Server::remove_gone() {
    for (Client* const client : std::exchange(gone_, {})) {
        const std::size_t place = client->place;
        if (!client->refused) --served_;
        readiness_->remove(client->socket());
        // The last one takes its place.
        std::swap(clients_[place], clients_.back());
        clients_[place]->place = place;
        clients_.pop_back();
    }
}

}  // namespace

void run_server(const ServerOptions& options, Application& application) {
    Server(options, application).run();
}

}  // namespace http
