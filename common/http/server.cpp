#include "common/http/server.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <iostream>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
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
using State = Connection::State;

constexpr auto kNoLimit = Clock::duration::max();

// How long a client may take for its next step; kNoLimit if it is not the client's turn.
Clock::duration time_limit(const Connection& connection) {
    const State state = connection.state();
    if (state == State::closed) return 2s;  // until it ends its side too
    // The owner of a stream bounds what may wait for it.
    if (state == State::streaming) return kNoLimit;
    if (connection.has_outgoing()) return 10s;  // until it takes some of its response
    if (state == State::receiving) return 10s;  // until its request is whole
    if (state == State::idle) return 60s;       // until it begins the next request
    return kNoLimit;
}

// Time for all clients together when the server ends: it has less than a second in all.
constexpr auto kShutdown = 700ms;
// Clients that only get to read that there is no room for them.
constexpr std::size_t kMaxRefused = 100;

/// A client, and what the server knows of it.
struct Client {
    Client(lab::Accepted accepted, lab::Trace trace, std::deque<Client*>& outbox)
        : served(std::move(accepted.socket), std::move(accepted.peer), trace, [this, &outbox] {
              if (!std::exchange(announced, true)) outbox.push_back(this);
          }) {}
    [[nodiscard]] Connection& connection() { return served.connection(); }

    ServedClient served;
    std::list<Client>* list = nullptr;  // the server's list that it is in
    std::list<Client>::iterator self;   // its place there
    short watched = POLLIN;             // the events that the server waits for on its socket
    bool announced = false;             // stands in the outbox
    bool refused = false;               // there was no room for it
    bool gone = false;                  // it is removed at the end of the round
    Clock::time_point deadline;         // for its next step
    std::uint64_t steps = 0;            // of its connection, when the deadline was set
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
    void add(lab::Accepted accepted);
    void serve(Client& client, short events);
    void finish_round();
    void settle(Client& client);
    void set_deadline(Client& client, Clock::duration limit);
    void time_out_clients();
    void time_out(Client& client);
    void bury(Client& client);
    void remove_gone();

    const ServerOptions options_;
    Application& application_;
    lab::FileDescriptor listener_;
    const lab::StopSignal stop_;
    std::deque<Client*> outbox_;  // clients that have got something to send, or come to their end
    // The pipe, the listener and the clients: a client that is idle costs a round nothing.
    const std::unique_ptr<lab::Readiness> readiness_ = lab::Readiness::make();
    bool listening_ = true;  // clients are waited for
    // By their time limit: in each list the one whose time comes first is the first one, since a
    // new deadline goes in at the end.
    std::map<Clock::duration, std::list<Client>> clients_;
    std::list<Client> gone_;
    std::vector<char> buffer_ = std::vector<char>(64 * 1024);  // what recv has just returned
    std::size_t count_ = 0;                                    // of all clients
    std::size_t refused_ = 0;                                  // those for whom there is no room
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
    application_.watch(*readiness_);
}

void Server::run() {
    std::cout << "listening on " << lab::local_address(listener_.number()) << '\n';
    lab::flush_output();
    while (!end_ || (count_ > 0 && Clock::now() < *end_)) {
        const auto& ready = wait();
        if (stop_.requested() && !end_) begin_shutdown();
        bool accept = exhausted_;
        for (const auto& [who, events] : ready) {
            // The server itself stands for the listener, a null pointer for the pipe, and the
            // application for its own descriptors.
            if (who == this) {
                accept = true;
            } else if (who == &application_) {
                application_.ready();
            } else if (who) {
                serve(*static_cast<Client*>(who), events);
            }
        }
        if (accept) accept_clients();
        time_out_clients();
        finish_round();
        remove_gone();
    }
}

// Waits until a client has something for us, or can take something, or a deadline has come.
const std::vector<lab::Readiness::Ready>& Server::wait() {
    // If descriptors have run out, the listener stays readable: the wait would end at once each
    // time.
    const bool listen = !end_ && !exhausted_ && count_ < options_.max_clients + kMaxRefused;
    if (listen != listening_ && !end_)
        readiness_->change(listener_.number(), listen ? POLLIN : short{0}, this);
    listening_ = listen;
    const auto& ready = readiness_->wait(lab::milliseconds_until(next_deadline()));
    stop_.clear();
    return ready;
}

Clock::time_point Server::next_deadline() const {
    auto next = end_.value_or(Clock::time_point::max());
    for (const auto& [limit, clients] : clients_)
        if (!clients.empty()) next = std::min(next, clients.front().deadline);
    if (!end_) next = std::min(next, application_.next_deadline().value_or(next));
    if (exhausted_) next = std::min(next, Clock::now() + 1s);
    return next;
}

void Server::begin_shutdown() {
    stop_.ignore();
    end_ = Clock::now() + kShutdown;
    readiness_->remove(listener_.number());
    listener_ = lab::FileDescriptor();
    for (auto& [limit, clients] : clients_)
        for (Client& client : clients) client.connection().finish();
    application_.go_away();
}

void Server::accept_clients() {
    const bool was_exhausted = std::exchange(exhausted_, false);
    while (!end_ && count_ < options_.max_clients + kMaxRefused) {
        auto accepted = lab::accept_client(listener_);
        if (!accepted) {
            exhausted_ = lab::is_exhausted();
            if (exhausted_ && !was_exhausted) {
                lab::log(std::string("accept: ") + std::strerror(errno) +
                         ": the next client waits");
            }
            return;
        }
        add(std::move(*accepted));
    }
}

void Server::add(lab::Accepted accepted) {
    auto& clients = clients_[kNoLimit];
    Client& client = clients.emplace_back(std::move(accepted), options_.trace, outbox_);
    client.list = &clients;
    client.self = std::prev(clients.end());
    ++count_;
    readiness_->add(client.served.socket(), client.watched, &client);
    set_deadline(client, time_limit(client.connection()));
    client.refused = count_ - refused_ > options_.max_clients;
    if (!client.refused) return;
    ++refused_;
    client.connection().refuse_for_room();
}

void Server::serve(Client& client, short events) {
    if (client.gone) return;
    if ((events & ~POLLOUT) && !client.served.receive_some(buffer_)) return bury(client);
    // When bytes have left, there may be room for the answer to a request that is here already.
    if ((events & POLLOUT) && !client.served.send_some()) return bury(client);
    while (const auto request = client.connection().next_request()) {
        handled_ = true;
        application_.handle(client.connection(), *request);
    }
    settle(client);
}

// Sends the responses of this round. A response may let the client's next request be read, which
// was here already: then there is more to do.
void Server::finish_round() {
    bool more = false;  // for the application to answer
    do {
        handled_ = false;
        more = !end_ && application_.after_round();
        while (!outbox_.empty()) {
            Client& client = *outbox_.front();
            outbox_.pop_front();
            client.announced = false;
            serve(client, POLLOUT);
        }
    } while (handled_ || more);
}

// Ends what is over, and sets the client's next deadline.
void Server::settle(Client& client) {
    if (!client.served.conclude()) return bury(client);
    if (const short events = client.served.events(); events != client.watched) {
        readiness_->change(client.served.socket(), events, &client);
        client.watched = events;
    }
    // A client that sends its request byte by byte makes no step: its deadline stays.
    const std::uint64_t steps = client.connection().steps();
    if (steps == std::exchange(client.steps, steps)) return;
    set_deadline(client, time_limit(client.connection()));
}

void Server::set_deadline(Client& client, Clock::duration limit) {
    std::list<Client>& clients = clients_[limit];
    clients.splice(clients.end(), *client.list, client.self);
    client.list = &clients;
    client.deadline = limit == kNoLimit ? Clock::time_point::max() : Clock::now() + limit;
}

void Server::time_out_clients() {
    const auto now = Clock::now();
    for (auto& [limit, clients] : clients_)
        while (!clients.empty() && clients.front().deadline <= now) time_out(clients.front());
}

void Server::time_out(Client& client) {
    set_deadline(client, kNoLimit);
    const bool takes_nothing = client.connection().has_outgoing();
    if (takes_nothing || client.connection().state() == State::closed) return bury(client);
    client.connection().time_out();
}

// From here on nothing is done for the client. It stays until the end of the round, because others
// may still hold a reference to it.
void Server::bury(Client& client) {
    if (client.gone) return;
    client.gone = true;
    if (client.connection().state() == State::owing) application_.gone(client.connection());
    gone_.splice(gone_.end(), *client.list, client.self);
}

void Server::remove_gone() {
    for (Client& client : gone_) {
        if (client.refused) --refused_;
        readiness_->remove(client.served.socket());
    }
    count_ -= gone_.size();
    gone_.clear();
}

}  // namespace

void run_server(const ServerOptions& options, Application& application) {
    Server(options, application).run();
}

}  // namespace http
