#include "common/http_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
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
#include "common/socket.hpp"
#include "common/stop_signal.hpp"

namespace http {
namespace {

using namespace std::chrono_literals;
using Clock = Application::Clock;

constexpr auto kRequest = 10s;      // for a request to become whole
constexpr auto kNextRequest = 60s;  // for the next one to begin
constexpr auto kProgress = 10s;     // for a client to take something of what it has asked for
// For the client to end its side after we have ended ours.
constexpr auto kGoodbye = 2s;
// The same for all together when the server ends: less than a second in all.
constexpr auto kShutdown = 700ms;
// Clients that only get to read that there is no room for them.
constexpr std::size_t kMostRefused = 100;

/// One client: its socket, what is said on it, and until when something has to happen.
struct Client : Connection {
    Client(lab::FileDescriptor accepted, std::string peer, lab::Trace trace, Outbox& outbox)
        : Connection(std::move(peer), trace, outbox), socket(std::move(accepted)) {}

    /// What the client is waited for.
    enum class Awaited { nothing, request, next_request, progress, end };

    lab::FileDescriptor socket;
    std::size_t place = 0;  // among the clients
    Awaited awaited = Awaited::nothing;
    std::size_t awaited_after = 0;  // how many requests had come when the wait began
    Clock::time_point deadline = Clock::time_point::max();
    bool refused = false;    // there was no room for it
    bool heard_all = false;  // the client has ended its side of the stream
    bool said_all = false;   // we have ended ours
    bool gone = false;       // to be forgotten at the end of the round
};

/// The server. All of it belongs to the one thread that calls run().
class Server {
 public:
    Server(const ServerOptions& options, Application& application);
    void run();

 private:
    void wait();
    [[nodiscard]] int milliseconds_to_wait() const;
    void begin_shutdown();
    void accept_clients();
    void add(lab::FileDescriptor socket, const std::string& peer);
    void serve(Client& client, short events);
    void receive(Client& client);
    void handle_requests(Client& client);
    void finish_round();
    void send_some(Client& client);
    void settle(Client& client);
    void await(Client& client, bool progress);
    void time_out_clients();
    void bury(Client& client);
    void remove_gone();

    const ServerOptions options_;
    Application& application_;
    lab::FileDescriptor listener_;
    const lab::StopSignal stop_;
    Outbox outbox_;
    std::vector<std::unique_ptr<Client>> clients_;
    // The pipe, the listener, then the clients in their order: kept from round to round, so that an
    // idle client is looked at by the kernel alone.
    std::vector<pollfd> ready_;
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
    ready_ = {{stop_.reading_end(), POLLIN, 0}, {listener_.number(), POLLIN, 0}};
}

void Server::run() {
    std::cout << "listening on " << lab::local_address(listener_.number()) << std::endl;
    while (!end_ || (!clients_.empty() && Clock::now() < *end_)) {
        wait();
        if (stop_.requested() && !end_) begin_shutdown();
        // Who is accepted now has not been polled yet.
        for (std::size_t i = 0, count = clients_.size(); i < count; ++i)
            if (const short events = ready_[i + 2].revents) serve(*clients_[i], events);
        if (ready_[1].revents || exhausted_) accept_clients();
        time_out_clients();
        finish_round();
        remove_gone();
    }
}

// Waits until a client has something for us, or can take something, or a deadline has come.
void Server::wait() {
    const bool full = clients_.size() >= options_.max_clients + kMostRefused;
    // poll skips a negative number. Out of descriptors the listener would stay readable, and poll
    // would return at once, for ever.
    ready_[1].fd = full || exhausted_ ? -1 : listener_.number();
    const int count = poll(ready_.data(), ready_.size(), milliseconds_to_wait());
    if (count < 0 && errno != EINTR) lab::check("poll", count);
    if (count < 0)
        for (pollfd& entry : ready_) entry.revents = 0;
    stop_.clear();
}

int Server::milliseconds_to_wait() const {
    auto next = end_.value_or(Clock::time_point::max());
    if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
    if (!end_) next = std::min(next, application_.next_deadline().value_or(next));
    if (exhausted_) next = std::min(next, Clock::now() + 1s);
    if (next == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 60'000));
}

void Server::begin_shutdown() {
    stop_.ignore();
    end_ = Clock::now() + kShutdown;
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
            exhausted_ = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (exhausted_ && !was_exhausted)
                lab::log(std::string("accept: ") + std::strerror(errno) + ": the next one waits");
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
    ready_.push_back({client->socket.number(), POLLIN, 0});
    clients_.push_back(std::move(client));
    Client& added = *clients_.back();
    if (added.refused) added.refuse_for_room();
    settle(added);
}

void Server::serve(Client& client, short events) {
    if (events & ~POLLOUT) receive(client);
    if (!client.gone && (events & POLLOUT)) send_some(client);
    if (!client.gone) settle(client);
}

void Server::receive(Client& client) {
    const ssize_t received = recv(client.socket.number(), buffer_.data(), buffer_.size(), 0);
    if (received < 0 && lab::try_again()) return;
    if (received > 0) {
        client.receive({buffer_.data(), static_cast<std::size_t>(received)});
        return handle_requests(client);
    }
    if (received == 0) options_.trace.received_end(client.peer());
    client.heard_all = true;
    // Who waits for an answer that may be long in coming, and ends its side, has hung up.
    const bool hung_up = client.state() == Connection::State::owing ||
                         client.state() == Connection::State::streaming;
    if (received < 0 || hung_up) bury(client);
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
            send_some(client);
            if (!client.gone) handle_requests(client);
            if (!client.gone) settle(client);
        }
    } while (handled_);
}

void Server::send_some(Client& client) {
    if (client.state() == Connection::State::aborted) return bury(client);
    bool progress = false;
    while (client.has_outgoing()) {
        auto [own, shared] = client.outgoing();
        std::array<iovec, 2> parts{{{const_cast<char*>(own.data()), own.size()},
                                    {const_cast<char*>(shared.data()), shared.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t count = sendmsg(client.socket.number(), &message, 0);
        if (count < 0 && !lab::try_again()) return bury(client);
        if (count < 0) break;
        client.sent(static_cast<std::size_t>(count));
        progress = true;
    }
    await(client, progress);
}

// Ends what is over, and notes what the client is waited for.
void Server::settle(Client& client) {
    const bool sent_all = !client.has_outgoing();
    if (client.heard_all && sent_all) client.finish();
    if (client.state() == Connection::State::finished && sent_all && !client.said_all) {
        // The server ends TCP first: FIN. What the client still sends is read and thrown away:
        // closing a socket with unread bytes would send a reset, which may destroy what was sent.
        shutdown(client.socket.number(), SHUT_WR);
        options_.trace.sent_end(client.peer());
        client.said_all = true;
    }
    if (client.said_all && client.heard_all) return bury(client);
    const bool reads = !client.heard_all && client.wants_more();
    ready_[client.place + 2].events =
        static_cast<short>((reads ? POLLIN : 0) | (sent_all ? 0 : POLLOUT));
    await(client, false);
}

// Sets the client's deadline anew when it is waited for something else than before, or has made
// progress.
void Server::await(Client& client, bool progress) {
    using Awaited = Client::Awaited;
    using State = Connection::State;
    Awaited awaited = Awaited::nothing;
    if (client.said_all) {
        awaited = Awaited::end;
    } else if (client.has_outgoing() && client.state() != State::streaming) {
        awaited = Awaited::progress;
    } else if (client.state() == State::receiving ||
               (client.state() == State::idle && client.requests() == 0)) {
        awaited = Awaited::request;
    } else if (client.state() == State::idle) {
        awaited = Awaited::next_request;
    }
    const bool same = awaited == client.awaited && client.requests() == client.awaited_after;
    if (same && !(progress && awaited == Awaited::progress)) return;
    constexpr std::array<Clock::duration, 5> kPatience{0s, kRequest, kNextRequest, kProgress,
                                                       kGoodbye};
    deadlines_.erase({client.deadline, &client});
    client.awaited = awaited;
    client.awaited_after = client.requests();
    client.deadline = Clock::now() + kPatience[static_cast<std::size_t>(awaited)];
    if (awaited != Awaited::nothing) deadlines_.insert({client.deadline, &client});
}

void Server::time_out_clients() {
    const auto now = Clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        Client& client = *deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        const bool speaks = client.awaited == Client::Awaited::request ||
                            client.awaited == Client::Awaited::next_request;
        if (!speaks) {
            bury(client);
            continue;
        }
        client.time_out();
        settle(client);
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
        // The last one takes its place.
        std::swap(clients_[place], clients_.back());
        clients_[place]->place = place;
        ready_[place + 2] = ready_.back();
        ready_.pop_back();
        clients_.pop_back();
    }
}

}  // namespace

void run_server(const ServerOptions& options, Application& application) {
    Server(options, application).run();
}

}  // namespace http
